package io.armory.agent.adapter.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A node without AWS never loads the SDK: everything can be made and wired where not one class of
/// it can be loaded.
class WithoutAwsTest {
  private static final String ROOM = "io.armory.agent.adapter.aws.";

  @Test
  void everything_is_made_without_loading_a_class_of_the_sdk() throws Exception {
    var loader = new WithoutSdk();
    var optionsType = loader.loadClass(ROOM + "AwsOptions");
    var options = optionsType.getField("STANDARD").get(null);
    var clientsType = loader.loadClass(ROOM + "AwsClients");
    var clients = clientsType.getConstructor(optionsType).newInstance(options);

    var identity =
        loader
            .loadClass(ROOM + "InstanceIdentity")
            .getConstructor(clientsType, Optional.class)
            .newInstance(clients, Optional.empty());
    loader.loadClass(ROOM + "SsmParameters").getConstructor(clientsType).newInstance(clients);
    loader.loadClass(ROOM + "GroupLifecycle").getConstructor(clientsType).newInstance(clients);
    loader.loadClass(ROOM + "TagParameters").getConstructor().newInstance();
    loader
        .loadClass(ROOM + "EcrCredentials")
        .getConstructor(clientsType, InstantSource.class)
        .newInstance(clients, InstantSource.system());

    // The proof that the loader would have objected.
    assertThatThrownBy(() -> identity.getClass().getMethod("identify").invoke(identity))
        .isInstanceOf(InvocationTargetException.class)
        .hasRootCauseInstanceOf(ClassNotFoundException.class);
    assertThat(identity.getClass().getClassLoader()).isSameAs(loader);
  }

  /// Loads this room anew and refuses the SDK.
  private static final class WithoutSdk extends ClassLoader {
    WithoutSdk() {
      super(WithoutAwsTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        if (name.startsWith("software.amazon.")) {
          throw new ClassNotFoundException(name + " is not to be loaded");
        }
        if (!name.startsWith(ROOM)) {
          return super.loadClass(name, resolve);
        }
        var loaded = findLoadedClass(name);
        return loaded != null ? loaded : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (var bytes = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (bytes == null) {
          throw new ClassNotFoundException(name);
        }
        var code = bytes.readAllBytes();
        return defineClass(name, code, 0, code.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
