package io.armory.agent.importing.legacy;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// What is known about the variables of Armory's env files.
final class EnvRules {
  /// Mean the same here.
  private static final Set<String> UNDERSTOOD =
      Set.of(
          "REDIS_HOST",
          "REDIS_PORT",
          "REDIS_TLS",
          "ARMORYSPINNAKER_S3_BUCKET",
          "ARMORYSPINNAKER_S3_PREFIX",
          "SPINNAKER_AWS_DEFAULT_REGION",
          "API_HOST",
          "DECK_HOST",
          "DEFAULT_DNS_NAME",
          "FIAT_ENABLED",
          "KAYENTA_ENABLED");

  /// Not Armory's, but a site may have them already; what no container has to know.
  private static final Pattern AGENTS =
      Pattern.compile(
          "SPINNAKER_(REGISTRY|RELEASE)|STACK_SUBNET"
              + "|[A-Z0-9]+_(IMAGE|MEMORY|PUBLISHED_PORT|BASE_URL|JAVA_OPTS)");

  /// First names of the same things.
  static final Map<String, String> RENAMED =
      Map.of(
          "ARMORY_S3_BUCKET", "ARMORYSPINNAKER_S3_BUCKET",
          "ARMORY_S3_FRONT50_PATH_PREFIX", "ARMORYSPINNAKER_S3_PREFIX",
          "INTERNAL_SERVICES_DNS_NAME", "DEFAULT_DNS_NAME");

  private static final String ROLES = "the node's role decides: see the end of this report";

  static final Map<String, String> DROPPED =
      Map.ofEntries(
          Map.entry("LOCAL_REDIS", ROLES),
          Map.entry("ARMORY_SPINNAKER_MODE", ROLES),
          Map.entry("CLOUDDRIVER_POLLING", ROLES),
          Map.entry(
              "SPRING_CONFIG_LOCATION", "the agent mounts the configuration where it is read"),
          Map.entry("SERVER_ADDRESS", "services listen inside their own network"),
          Map.entry("HOSTNAME_SUFFIX", "containers need no host name of their own"),
          Map.entry("COMPOSE_FILE", "the agent chooses the Compose files by the role"),
          Map.entry("COMPOSE_PROJECT_NAME", "project in agent.yaml, spinnaker by default"),
          Map.entry("COMPOSE_HTTP_TIMEOUT", "there is no docker-compose to wait for"),
          Map.entry("ARMORYSPINNAKER_VERSION", "SPINNAKER_RELEASE chooses the release"),
          Map.entry("DOCKER_REGISTRY", "SPINNAKER_REGISTRY, where the images come from another"));

  private static final Pattern OF_ANOTHER_SERVICE =
      Pattern.compile(
          "(BAROMETER|DINGHY|PLATFORM|CONFIGURATOR|LIGHTHOUSE|DIAGNOSTICS|PROMOTER)_.*");

  private EnvRules() {}

  /// The agent or its templates know what to do with it.
  static boolean isUnderstood(String name) {
    return UNDERSTOOD.contains(name) || AGENTS.matcher(name).matches();
  }

  static boolean isOfAnotherService(String name) {
    return OF_ANOTHER_SERVICE.matcher(name).matches();
  }

  static boolean isOn(String value) {
    return !Set.of("", "false", "0", "no", "off").contains(value.toLowerCase(Locale.ROOT));
  }

  static boolean isImage(String name) {
    return name.endsWith("_IMAGE");
  }

  /// An image of Armory's own registry, or of Docker Hub's `armory/`.
  static boolean isArmorys(String image) {
    return image.matches(
        "((index\\.)?docker\\.io/)?armory(-io|io)?/.*|[^/]*armory[^/]*\\.[^/]+/.*");
  }
}
