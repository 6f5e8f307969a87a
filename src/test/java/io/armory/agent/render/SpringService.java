package io.armory.agent.render;

import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/// A service's Spring environment, as it is made in its container: the files that are mounted
/// there, its environment, and, once all is read, every source wrapped in one of another type, as
/// the library that all Spinnaker services share does. Then Spring Boot takes the environment's
/// source for any other one and compares names with dashes and underscores left out.
final class SpringService {
  private final StandardEnvironment environment;
  private final Map<String, Object> variables;

  private SpringService(StandardEnvironment environment, Map<String, Object> variables) {
    this.environment = environment;
    this.variables = variables;
  }

  static SpringService of(
      Path directory, Revision revision, Service service, Map<String, String> more)
      throws IOException {
    var config = Files.createDirectories(directory.resolve("config"));
    var secrets = Files.createDirectories(directory.resolve("secrets"));
    put(revision, service, config, secrets);
    var variables = new LinkedHashMap<String, Object>(more);
    service
        .container()
        .command()
        .environment()
        .forEach((name, value) -> {
          if (value != null) {
            variables.put(name, value);
          }
        });
    var environment = new StandardEnvironment();
    var sources = environment.getPropertySources();
    sources.remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
    sources.remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
    sources.addFirst(
        new MapPropertySource(
            StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME,
            Map.of("spring.config.import", "optional:file:" + config + "/")));
    sources.addLast(
        new SystemEnvironmentPropertySource(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    sources.addLast(
        new MapPropertySource(
            "defaultProperties",
            Map.of(
                "spring.application.name", reads(service.name()),
                "spring.config.name", "spinnaker,${spring.application.name}",
                "spring.profiles.active", "test,local")));
    ConfigDataEnvironmentPostProcessor.applyTo(environment);
    for (var source : sources.stream().toList()) {
      if (source instanceof EnumerablePropertySource<?> enumerable
          && !ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)) {
        sources.replace(source.getName(), new Wrapped(enumerable));
      }
    }
    ConfigurationPropertySources.attach(environment);
    return new SpringService(environment, variables);
  }

  /// A poller reads the files of the service it is.
  private static String reads(String service) {
    return service.replaceFirst("-(poller|scheduler)$", "");
  }

  private static void put(Revision revision, Service service, Path config, Path secrets)
      throws IOException {
    for (var mount : service.container().storage().mounts()) {
      for (var file : revision.files()) {
        var text = new String(file.content().bytes(), StandardCharsets.UTF_8);
        switch (mount) {
          case Storage.Bind bind when file.path().startsWith(bind.source() + "/") ->
              Files.writeString(
                  config.resolve(file.path().substring(bind.source().length() + 1)),
                  text.replace("/run/secrets/spring/", secrets + "/"));
          case Storage.FileMount one when file.path().equals(one.hostPath()) ->
              Files.writeString(
                  secrets.resolve(one.target().substring(one.target().lastIndexOf('/') + 1)), text);
          case Storage.Bind _, Storage.FileMount _, Storage.VolumeMount _ -> {}
          case Storage.Tmpfs _, Storage.ImageMount _ -> {}
        }
      }
    }
  }

  /// Empty when not set; placeholders resolved.
  String text(String property) {
    return Objects.requireNonNullElse(environment.getProperty(property), "");
  }

  Set<String> variables() {
    return variables.keySet();
  }

  /// As a bean with `@ConfigurationProperties` gets its values: what is not known is ignored.
  <T> T bind(Class<T> type) {
    var annotation = Objects.requireNonNull(type.getAnnotation(ConfigurationProperties.class));
    return Binder.get(environment).bindOrCreate(annotation.value(), Bindable.of(type));
  }

  /// The last of the causes for which a bean cannot be made.
  String failureOf(Class<?> type) {
    try {
      bind(type);
      return "";
    } catch (RuntimeException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      return String.valueOf(cause.getMessage());
    }
  }

  /// A name as Spring Boot compares it where it does not know an environment.
  static String uniform(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]", "");
  }

  private static final class Wrapped extends EnumerablePropertySource<Object> {
    private final EnumerablePropertySource<?> inner;

    Wrapped(EnumerablePropertySource<?> inner) {
      super(inner.getName(), inner.getSource());
      this.inner = inner;
    }

    @Override
    public String[] getPropertyNames() {
      return inner.getPropertyNames();
    }

    @Override
    public Object getProperty(String name) {
      return inner.getProperty(name);
    }

    @Override
    public boolean containsProperty(String name) {
      return inner.containsProperty(name);
    }
  }
}
