package io.armory.agent.adapter.probe;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.stack.ProbeSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

/// The words of a service's own health check, which say more than its status: read once, when it
/// has failed.
public final class HealthBody {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Pattern ANSWER =
      Pattern.compile("HTTP/1\\.\\d (\\d{3}).*?\r\n\r\n(.*)", Pattern.DOTALL);

  private static final Pattern LENGTH =
      Pattern.compile("\r\ncontent-length: *(\\d{1,9})\r\n", Pattern.CASE_INSENSITIVE);

  private HealthBody() {}

  /// `503 {"status":"DOWN",…}`; empty: no HTTP, or no answer.
  public static String of(String address, ProbeSpec spec) {
    return switch (spec.check()) {
      case ProbeSpec.Http http -> http(address, http);
      case ProbeSpec.Tcp _, ProbeSpec.Redis _, ProbeSpec.Postgres _ -> "";
    };
  }

  /// By HTTP 1.0, whose body is what comes until the end.
  private static String http(String address, ProbeSpec.Http check) {
    var host = address.contains(":") ? "[" + address + "]" : address;
    try (var exchange = Exchange.with(address, check.port(), PATIENCE)) {
      exchange.send(
          "GET %s HTTP/1.0\r\nHost: %s:%d\r\nAccept: */*\r\n\r\n"
              .formatted(check.path(), host, check.port()));
      var answer = ANSWER.matcher(exchange.read(HealthBody::isWhole));
      return answer.matches() ? (answer.group(1) + " " + words(answer.group(2))).strip() : "";
    } catch (IOException e) {
      return "";
    }
  }

  /// For one that keeps the connection all the same.
  private static boolean isWhole(String answer) {
    var length = LENGTH.matcher(answer);
    var head = answer.indexOf("\r\n\r\n");
    return length.find()
        && length.start() < head
        && answer.length() - head - 4 >= Integer.parseInt(length.group(1));
  }

  private static String words(String body) {
    var bytes = body.getBytes(StandardCharsets.ISO_8859_1);
    var most = Math.min(bytes.length, Evidence.MOST_HEALTH);
    return new String(bytes, 0, most, StandardCharsets.UTF_8).replaceAll("\\s+", " ");
  }
}
