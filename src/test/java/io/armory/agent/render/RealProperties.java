package io.armory.agent.render;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/// Of our own making, with the names that beans of the real services bind (release 2026.2.3).
final class RealProperties {
  /// The beans without a prefix: any variable is at their height.
  static final List<Class<?>> ALL =
      List.of(OrcaRoot.class, GateRoot.class, IgorRoot.class, Front50Root.class, RedisRoot.class);

  /// Theirs, and what services ask for by a name of one word.
  static final Set<String> NAMES =
      Set.of(
          "clouddriverbaseurl",
          "clouddriverreadonlybaseurls",
          "clouddriverwriteonlybaseurls",
          "clouddriver",
          "mort",
          "oort",
          "kato",
          "healthcheckableservices",
          "services",
          "integrations",
          "proxies",
          "spinnaker",
          "redis",
          "client",
          "serviceaccounts",
          "driver",
          "config",
          "primary",
          "previous");

  private RealProperties() {}

  /// orca's: the URL has a getter and no setter, and whoever binds it fails.
  @ConfigurationProperties
  public static class OrcaRoot {
    private @Nullable BaseUrl clouddriver;

    public @Nullable BaseUrl getClouddriver() {
      return clouddriver;
    }

    public void setClouddriver(BaseUrl value) {
      clouddriver = value;
    }

    public @Nullable String getCloudDriverBaseUrl() {
      return clouddriver == null ? null : clouddriver.getBaseUrl();
    }

    public List<BaseUrl> getCloudDriverReadOnlyBaseUrls() {
      return List.of();
    }
  }

  @ConfigurationProperties
  public static class GateRoot {
    private Map<String, BaseUrl> services = new LinkedHashMap<>();
    private List<String> healthCheckableServices = List.of();

    public Map<String, BaseUrl> getServices() {
      return services;
    }

    public void setServices(Map<String, BaseUrl> value) {
      services = value;
    }

    public List<String> getHealthCheckableServices() {
      return healthCheckableServices;
    }

    public void setHealthCheckableServices(List<String> value) {
      healthCheckableServices = value;
    }
  }

  @ConfigurationProperties
  public static class IgorRoot {
    private Redis redis = new Redis();

    public Redis getRedis() {
      return redis;
    }

    public void setRedis(Redis value) {
      redis = value;
    }
  }

  @ConfigurationProperties
  public static class Front50Root {
    private List<Object> serviceAccounts = List.of();

    public List<Object> getServiceAccounts() {
      return serviceAccounts;
    }

    public void setServiceAccounts(List<Object> value) {
      serviceAccounts = value;
    }
  }

  @ConfigurationProperties
  public static class RedisRoot {
    private Map<String, Object> config = new TreeMap<>();

    public Map<String, Object> getConfig() {
      return config;
    }

    public void setConfig(Map<String, Object> value) {
      config = value;
    }
  }

  @ConfigurationProperties("sql")
  public static class Sql {
    private Map<String, Pool> connectionPools = new LinkedHashMap<>();
    private Pool migration = new Pool();

    public Map<String, Pool> getConnectionPools() {
      return connectionPools;
    }

    public void setConnectionPools(Map<String, Pool> value) {
      connectionPools = value;
    }

    public Pool getMigration() {
      return migration;
    }

    public void setMigration(Pool value) {
      migration = value;
    }
  }

  public static class Pool {
    private String dialect = "";
    private String jdbcUrl = "";
    private String user = "";
    private String password = "";

    public String getDialect() {
      return dialect;
    }

    public void setDialect(String value) {
      dialect = value;
    }

    public String getJdbcUrl() {
      return jdbcUrl;
    }

    public void setJdbcUrl(String value) {
      jdbcUrl = value;
    }

    public String getUser() {
      return user;
    }

    public void setUser(String value) {
      user = value;
    }

    public String getPassword() {
      return password;
    }

    public void setPassword(String value) {
      password = value;
    }
  }

  public static class BaseUrl {
    private String baseUrl = "";

    public String getBaseUrl() {
      return baseUrl;
    }

    public void setBaseUrl(String value) {
      baseUrl = value;
    }
  }

  public static class Redis {
    private String connection = "";

    public String getConnection() {
      return connection;
    }

    public void setConnection(String value) {
      connection = value;
    }
  }
}
