package io.armory.agent.adapter.probe;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.stack.ProbeSpec;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// The words of a service's own health check, which say more than its status: read once, when it
/// has failed.
public final class HealthBody {
  private static final int PATIENCE_MILLIS = (int) Duration.ofSeconds(2).toMillis();

  private HealthBody() {}

  /// `503 {"status":"DOWN",…}`; empty: no HTTP, or no answer.
  public static String of(String address, ProbeSpec spec) {
    return switch (spec.check()) {
      case ProbeSpec.Http http -> http(address, http);
      case ProbeSpec.Tcp _, ProbeSpec.Redis _, ProbeSpec.Postgres _ -> "";
    };
  }

  private static String http(String address, ProbeSpec.Http check) {
    var host = address.contains(":") ? "[" + address + "]" : address;
    try {
      var url = URI.create("http://" + host + ":" + check.port() + check.path()).toURL();
      var connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(PATIENCE_MILLIS);
      connection.setReadTimeout(PATIENCE_MILLIS);
      connection.setInstanceFollowRedirects(false);
      var status = connection.getResponseCode();
      try (var body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        var text =
            body == null
                ? ""
                : new String(body.readNBytes(Evidence.MOST_HEALTH), StandardCharsets.UTF_8);
        return (status + " " + text.replaceAll("\\s+", " ")).strip();
      } finally {
        connection.disconnect();
      }
    } catch (IOException | IllegalArgumentException e) {
      return "";
    }
  }
}
