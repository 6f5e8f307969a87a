package io.armory.agent.adapter.probe;

import io.armory.agent.adapter.probe.SocketProbe.Heard;
import io.armory.agent.domain.ProbeResult.Standing;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Pattern;

/// What a Redis says of itself when it is pinged. Whatever it says it is alive, and a restart would
/// cost what it has not written and begin anew what it is at.
final class RedisWords {
  /// By the first word of an error, as `src/server.c` of Redis has them.
  private static final Map<String, String> AILMENTS =
      Map.of(
          "BUSY", "runs a script and answers nobody meanwhile",
          "MASTERDOWN", "is a replica that has lost its primary",
          "MISCONF", "cannot save to its disk and takes no writes: make room there",
          "READONLY", "is a read-only replica",
          "OOM", "has used all the memory it may and takes no writes",
          "NOREPLICAS", "has too few replicas and takes no writes",
          "CLUSTERDOWN", "is in cluster mode, and its cluster is down",
          "DENIED", "refuses clients that are not on its own machine: its protected mode",
          "ERR max number of clients reached", "has no connection left: maxclients is reached");

  private static final Pattern ETA = Pattern.compile("loading_eta_seconds:(\\d{1,9})");
  private static final Pattern LOADED = Pattern.compile("loading_loaded_perc:([0-9.]{1,9})");

  private RedisWords() {}

  static Heard of(Exchange exchange) throws IOException {
    exchange.send("PING\r\n");
    var answer = exchange.read(text -> text.contains("\r\n"));
    if (answer.startsWith("-LOADING")) {
      return new Heard(Standing.STARTING, "loads its data" + progress(exchange));
    }
    return answer.isEmpty() ? Heard.NOTHING : heard(answer);
  }

  private static Heard heard(String answer) {
    if (answer.startsWith("+PONG")) {
      return new Heard(Standing.WELL, "answers PING");
    }
    // It serves whom it knows: whether our word is right is another question.
    if (answer.startsWith("-NOAUTH")
        || answer.startsWith("-WRONGPASS")
        || answer.startsWith("-NOPERM")) {
      return new Heard(Standing.WELL, "answers PING, and wants a login");
    }
    if (!answer.startsWith("-")) {
      return new Heard(Standing.AILING, foreign(answer));
    }
    var error = answer.substring(1).strip();
    return new Heard(
        Standing.AILING,
        AILMENTS.entrySet().stream()
            .filter(e -> error.equals(e.getKey()) || error.startsWith(e.getKey() + " "))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse("answers " + line(error)));
  }

  private static String foreign(String answer) {
    if (answer.startsWith("HTTP/")) {
      return "speaks HTTP on this port, not Redis";
    }
    // A TLS record: alert or handshake, of version 3.x.
    if (answer.startsWith("\u0015\u0003") || answer.startsWith("\u0016\u0003")) {
      return "speaks TLS on this port, and is asked without";
    }
    return "does not speak Redis";
  }

  /// As far as it says: INFO is one of the few things that are answered meanwhile.
  private static String progress(Exchange exchange) {
    try {
      exchange.send("INFO persistence\r\n");
      var info = exchange.read(RedisWords::isWhole);
      var percent = LOADED.matcher(info);
      var eta = ETA.matcher(info);
      var done = percent.find() ? ": " + percent.group(1) + " %" : "";
      return done + (eta.find() ? ", " + eta.group(1) + " s to go" : "");
    } catch (IOException e) {
      return "";
    }
  }

  /// An error, or `$LENGTH` and as many bytes.
  private static boolean isWhole(String text) {
    var end = text.indexOf("\r\n");
    if (end < 0 || !text.substring(0, end).matches("\\$\\d{1,6}")) {
      return end >= 0;
    }
    return text.length() >= end + 4 + Integer.parseInt(text.substring(1, end));
  }

  private static String line(String text) {
    var end = text.indexOf('\r');
    var first = end < 0 ? text : text.substring(0, end);
    return first.length() > 120 ? first.substring(0, 120) + "…" : first;
  }
}
