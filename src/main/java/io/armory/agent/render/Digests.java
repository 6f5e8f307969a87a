package io.armory.agent.render;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A running SHA-256 over parts, each with its length, so that no two lists of parts are alike.
final class Digests {
  private final MessageDigest digest;

  Digests() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  Digests add(String part) {
    return add(part.getBytes(StandardCharsets.UTF_8));
  }

  Digests add(byte[] part) {
    digest.update((part.length + ":").getBytes(StandardCharsets.UTF_8));
    digest.update(part);
    return this;
  }

  /// The first 12 hexadecimal digits; ends the digest.
  String shortHex() {
    return HexFormat.of().formatHex(digest.digest()).substring(0, 12);
  }

  /// A digest that says nothing about a secret to who does not have the key.
  static String keyed(String key, String secret) {
    return hmac(key, secret).substring(0, 16);
  }

  /// A password for `purpose` that only who has the key can make, the same each time.
  static String password(String key, String purpose) {
    return hmac(key, "password for " + purpose);
  }

  private static String hmac(String key, String text) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      // An empty key is not allowed; a fixed byte before it changes nothing for others.
      mac.init(new SecretKeySpec(("k" + key).getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java runtime has HMAC-SHA-256", e);
    }
  }
}
