package io.armory.agent.adapter.docker;

import io.armory.agent.domain.Failure;
import java.util.Locale;
import java.util.regex.Pattern;

/// What the engine says of a pull that failed comes as text alone. A registry that cannot be
/// reached or is out of order says nothing about the image.
final class RegistryWords {
  private static final Pattern OUTAGE =
      Pattern.compile(
          "connection refused|connection reset|no such host|server misbehaving|no route to host"
              + "|network is unreachable|name resolution|timeout|timed out|deadline exceeded"
              + "|unexpected eof|: eof$|broken pipe|toomanyrequests|too many requests"
              + "|bad gateway|service unavailable|internal server error"
              + "|unexpected (http )?status( code)?:? 5\\d\\d|received unexpected http status: 5");

  private RegistryWords() {}

  /// `TRANSIENT` for an outage of the registry or of the way to it, otherwise `IMAGE_UNAVAILABLE`.
  static Failure.Kind kind(String message) {
    return OUTAGE.matcher(message.strip().toLowerCase(Locale.ROOT)).find()
        ? Failure.Kind.TRANSIENT
        : Failure.Kind.IMAGE_UNAVAILABLE;
  }
}
