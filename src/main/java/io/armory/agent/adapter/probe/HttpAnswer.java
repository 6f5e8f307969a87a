package io.armory.agent.adapter.probe;

import io.armory.agent.adapter.probe.SocketProbe.Heard;
import io.armory.agent.domain.ProbeResult.Standing;
import io.armory.agent.domain.stack.ProbeSpec;
import java.io.IOException;

/// What an HTTP service says of itself by its status: 5xx that it is out of order, which a restart
/// may mend; 4xx that the question is refused, by one that is alive and would refuse it again.
final class HttpAnswer {
  private HttpAnswer() {}

  static Heard of(Exchange exchange, String address, ProbeSpec.Http check) throws IOException {
    var host = address.contains(":") ? "[" + address + "]" : address;
    exchange.send(
        "GET "
            + check.path()
            + " HTTP/1.1\r\nHost: "
            + host
            + ":"
            + check.port()
            + "\r\nUser-Agent: armory-agent\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    var answer = exchange.read(text -> text.contains("\r\n\r\n"));
    if (answer.isEmpty()) {
      return Heard.NOTHING;
    }
    if (answer.length() < 12 || !answer.startsWith("HTTP/1.")) {
      return new Heard(Standing.AILING, "does not speak HTTP");
    }
    var code = answer.substring(9, 12);
    return switch (code.charAt(0)) {
      case '2', '3' -> new Heard(Standing.WELL, code);
      case '4' -> new Heard(Standing.AILING, "answers " + code);
      default -> new Heard(Standing.FAILING, "answers " + code);
    };
  }
}
