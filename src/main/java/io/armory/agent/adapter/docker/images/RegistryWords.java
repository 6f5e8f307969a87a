package io.armory.agent.adapter.docker.images;

import io.armory.agent.domain.Failure;
import java.util.Locale;
import java.util.regex.Pattern;

/// What the engine says of a pull that failed comes as text alone. An image is at fault only where
/// the registry says so: that it is not there, not for this machine, or not for us. A registry that
/// cannot be reached or is out of order, a store of this node that takes no layers, and what is not
/// understood, is the way to it.
final class RegistryWords {
  private static final Pattern WAY =
      Pattern.compile(
          "connection refused|connection reset|no such host|server misbehaving|no route to host"
              + "|network is unreachable|name resolution|timeout|timed out|deadline exceeded"
              + "|unexpected eof|: eof$|broken pipe|toomanyrequests|too many requests"
              + "|bad gateway|service unavailable|internal server error|throttl"
              + "|unexpected (http )?status( code)?:? 5\\d\\d|received unexpected http status: 5"
              + "|x509|http response to https client|quota exceeded|rate exceeded|rate limit"
              // A proxy that lets nobody through, as Go tells its answer to CONNECT.
              + "|get \"…\": (forbidden|not found)$|proxy authentication required"
              + "|error getting credentials"
              // What the engine does on its own disk.
              + "|(?<!denied: )permission denied(:|$)|content (store|digest) |\\blease |snapshotter| snapshot ");

  private static final Pattern REFUSAL =
      Pattern.compile(
          "no basic auth credentials|unauthorized|authentication required|access denied"
              + "|requested access to the resource is denied|authorization token|forbidden|denied(:|$)"
              + "|(status( code)?|http):? ?(401|403)\\b|incorrect username or password");

  private static final Pattern IMAGE =
      Pattern.compile(
          "manifest unknown|manifest .*not found|not found: manifest|no matching manifest"
              + "|does not match the specified platform|image operating system|cannot be used on"
              + "|repository .*(not exist|not found|not known)|name unknown|name_unknown"
              + "|no such image|image not known|no image found|not found$|: not found\\b"
              + "|manifest invalid|invalid manifest|unsupported (manifest )?media"
              + "|schema ?(version )?1|invalid reference|unknown blob|no supported platform");

  /// An image, an address or a path: what words they have in them says nobody.
  private static final Pattern NAMES =
      Pattern.compile("[^\\s\"]*/[^\\s\":]*([:@][\\w.-]+(:[\\w.-]+)?)?");

  private RegistryWords() {}

  /// `IMAGE_UNAVAILABLE` where it is the image's fault, otherwise `TRANSIENT`.
  static Failure.Kind kind(String message) {
    var said = said(message);
    return !WAY.matcher(said).find() && (IMAGE.matcher(said).find() || REFUSAL.matcher(said).find())
        ? Failure.Kind.IMAGE_UNAVAILABLE
        : Failure.Kind.TRANSIENT;
  }

  /// Whether the registry knows us not, or does not let us.
  static boolean isRefusal(String message) {
    var said = said(message);
    return !WAY.matcher(said).find() && REFUSAL.matcher(said).find();
  }

  private static String said(String message) {
    return NAMES.matcher(message.strip().toLowerCase(Locale.ROOT)).replaceAll("…");
  }
}
