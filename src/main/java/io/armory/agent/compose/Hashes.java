package io.armory.agent.compose;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The hashes that tell whether something drifted from its definition.
final class Hashes {
  private Hashes() {}

  /// The reference's config hash: of the service's printed form without what does not make the
  /// container: build, pull_policy, scale, replicas.
  static String config(Map<String, @Nullable Object> service) {
    return sha256(Json.compact(container(service)));
  }

  /// Our own: the same fields in the order of their names, and what the reference forgets.
  ///
  /// @param extra content digests and engine names
  static String definition(
      Map<String, @Nullable Object> service, Map<String, @Nullable Object> extra) {
    Map<String, @Nullable Object> tree = new TreeMap<>(container(service));
    tree.put("~", new TreeMap<>(extra));
    return sha256(Json.compact(sorted(tree)));
  }

  /// Of a network or volume: everything but its name and whether it is external.
  static String resource(Map<String, @Nullable Object> resource) {
    Map<String, @Nullable Object> tree = new TreeMap<>(resource);
    tree.remove("name");
    tree.remove("external");
    return sha256(Json.compact(sorted(tree)));
  }

  private static Map<String, @Nullable Object> container(Map<String, @Nullable Object> service) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>(service);
    fields.remove("build");
    fields.remove("pull_policy");
    fields.remove("scale");
    if (fields.get("deploy") instanceof Map<?, ?> deploy) {
      Map<String, @Nullable Object> rest = new LinkedHashMap<>();
      deploy.forEach((key, value) -> rest.put(String.valueOf(key), value));
      rest.remove("replicas");
      fields.put("deploy", rest);
    }
    return fields;
  }

  /// Keys in order, so that the order of fields in the printed form is free to change. What is
  /// absent is not there at all, so that a new optional attribute changes no hash.
  private static @Nullable Object sorted(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      return value instanceof java.util.List<?> list
          ? list.stream().map(Hashes::sorted).toList()
          : value;
    }
    Map<String, @Nullable Object> tree = new TreeMap<>();
    map.forEach((key, item) -> tree.put(String.valueOf(key), sorted(item)));
    return tree;
  }

  private static String sha256(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// A digest of content that cannot be guessed back without the key.
  static String content(byte[] content, String key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(
          new SecretKeySpec(
              ("armory-agent:" + key).getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(content));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
