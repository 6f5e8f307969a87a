package io.armory.agent.reconcile.turn;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.stack.Revision;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.spec.InvalidKeySpecException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/// By what the same change is recognised on all nodes of a group: over the resolved Compose file
/// and the files beside it, the node's own address, name and zone left out. Two nodes of one role
/// with the same parameters have the same.
///
/// Secrets count, and whoever reads the group's Redis sees the digest: it is made slowly, so that a
/// weak one cannot be found by trying.
public final class ChangeDigest {
  private static final int ROUNDS = 20_000;
  private static final byte[] SALT = "armory-agent change".getBytes(StandardCharsets.UTF_8);
  private static final List<String> OWN =
      List.of(NodeIdentity.PRIVATE_IP, NodeIdentity.INSTANCE_ID, NodeIdentity.AVAILABILITY_ZONE);

  private static final Pattern DIGEST =
      Pattern.compile("(?<=[^/])[.-](?:[0-9a-f]{16}|[0-9a-f]{12})(?=[/.]|$)");

  private ChangeDigest() {}

  public static String of(Revision revision, Optional<NodeIdentity> identity) {
    var own = new ArrayList<Pattern>();
    OWN.forEach(name ->
        identity
            .flatMap(i -> i.fact(name))
            .filter(value -> !value.isEmpty())
            .ifPresent(value ->
                own.add(Pattern.compile("(?<![\\w.-])" + Pattern.quote(value) + "(?![\\w.-])"))));
    var digest = sha256();
    add(digest, revision.role());
    var yaml = revision.composeYaml();
    for (var file : revision.needed()) {
      yaml = yaml.replace(file.path(), named(file.path()));
      yaml = yaml.replace(directory(file.path()), named(directory(file.path())));
    }
    add(digest, without(own, yaml));
    revision.needed().stream()
        .map(file ->
            named(file.path())
                + "\n"
                + new String(file.content().bytes(), StandardCharsets.ISO_8859_1))
        .sorted()
        .forEach(file -> add(digest, without(own, file)));
    return slowly(HexFormat.of().formatHex(digest.digest()));
  }

  /// A path without the digests in it, which each node keys in its own way: what they are of counts
  /// by itself.
  private static String named(String path) {
    return DIGEST.matcher(path).replaceAll("");
  }

  private static String directory(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  private static String without(List<Pattern> own, String text) {
    var left = text;
    for (var pattern : own) {
      left = pattern.matcher(left).replaceAll("(this node)");
    }
    return left;
  }

  /// With its length, so that no two lists of parts are alike.
  private static void add(MessageDigest digest, String part) {
    var bytes = part.getBytes(StandardCharsets.UTF_8);
    digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  private static String slowly(String text) {
    try {
      var key =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(new PBEKeySpec(text.toCharArray(), SALT, ROUNDS, 96));
      return HexFormat.of().formatHex(key.getEncoded());
    } catch (NoSuchAlgorithmException | InvalidKeySpecException e) {
      throw new IllegalStateException("every Java runtime has PBKDF2", e);
    }
  }
}
