package io.armory.agent.compose.print;

import io.armory.agent.domain.stack.ConfigHashes;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The hashes that tell whether something drifted from its definition.
public final class Hashes {
  private Hashes() {}

  /// Our own: the same fields in the order of their names, and what the reference forgets.
  ///
  /// @param extra content digests and engine names
  public static String definition(
      Map<String, @Nullable Object> service, Map<String, @Nullable Object> extra) {
    Map<String, @Nullable Object> tree = new TreeMap<>(ConfigHashForms.container(service));
    ConfigHashForms.plainModes(tree);
    tree.put("~", new TreeMap<>(extra));
    return ConfigHashes.sha256(Json.compact(sorted(tree)));
  }

  /// Of a network or volume: everything but its name and whether it is external.
  public static String resource(Map<String, @Nullable Object> resource) {
    Map<String, @Nullable Object> tree = new TreeMap<>(resource);
    tree.remove("name");
    tree.remove("external");
    return ConfigHashes.sha256(Json.compact(sorted(tree)));
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

  /// A digest of content that cannot be guessed back without the key.
  public static String content(byte[] content, String key) {
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
