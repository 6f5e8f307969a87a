package io.armory.agent.adapter.probe;

import io.armory.agent.adapter.probe.SocketProbe.Heard;
import io.armory.agent.domain.ProbeResult.Standing;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/// What a PostgreSQL says of itself when a client introduces itself, as `pg_isready` does: the
/// request to log in means that it serves, and so does the refusal of a login. Messages and codes
/// are those of the frontend/backend protocol 3 and of the appendix on error codes.
final class PostgresWords {
  private static final int PROTOCOL_3 = 196608;

  /// Of those who are refused it serves others: a login (class 28), a database that is not there.
  private static final String NO_LOGIN = "28";

  private static final String NO_DATABASE = "3D000";

  /// Starting up, shutting down or recovering, and ended by an administrator for it.
  private static final Set<String> ON_ITS_WAY = Set.of("57P03", "57P01", "57P02");

  private PostgresWords() {}

  static Heard of(Exchange exchange) throws IOException {
    exchange.send(startup());
    var answer = exchange.read(PostgresWords::isWhole);
    if (answer.isEmpty()) {
      return Heard.NOTHING;
    }
    return switch (answer.charAt(0)) {
      case 'R', 'v' -> new Heard(Standing.WELL, "answers, and asks for a login");
      case 'E' -> refusal(answer);
      default -> new Heard(Standing.AILING, "does not speak PostgreSQL");
    };
  }

  private static Heard refusal(String answer) {
    var code = field('C', answer);
    // Of servers older than protocol 3, and of what only looks alike.
    var words = field('M', answer);
    if (code.isEmpty()) {
      return new Heard(Standing.AILING, "does not speak PostgreSQL");
    }
    if (code.startsWith(NO_LOGIN) || code.equals(NO_DATABASE)) {
      return new Heard(Standing.WELL, "answers, and wants another login");
    }
    var detail = words.isEmpty() ? "answers " + code : words + " (" + code + ")";
    return new Heard(ON_ITS_WAY.contains(code) ? Standing.STARTING : Standing.AILING, detail);
  }

  private static byte[] startup() throws IOException {
    var body = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(body)) {
      out.writeInt(PROTOCOL_3);
      for (var word : new String[] {"user", "postgres", "database", "postgres", ""}) {
        out.write(word.getBytes(StandardCharsets.US_ASCII));
        out.write(0);
      }
    }
    var whole = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(whole)) {
      out.writeInt(4 + body.size());
      out.write(body.toByteArray());
    }
    return whole.toByteArray();
  }

  /// The first message: its kind, its length with these four bytes, and the rest.
  private static boolean isWhole(String text) {
    if (text.isEmpty() || text.charAt(0) != 'E') {
      return !text.isEmpty();
    }
    return text.length() >= 5 && text.length() > length(text);
  }

  private static long length(String text) {
    return (long) text.charAt(1) << 24
        | (long) text.charAt(2) << 16
        | (long) text.charAt(3) << 8
        | text.charAt(4);
  }

  /// Fields come one after the other: a letter, text, a zero.
  private static String field(char kind, String answer) {
    var at = 5;
    while (at < answer.length() && answer.charAt(at) != 0) {
      var end = answer.indexOf('\0', at);
      if (end < 0) {
        break;
      }
      if (answer.charAt(at) == kind) {
        return answer.substring(at + 1, end);
      }
      at = end + 1;
    }
    return "";
  }
}
