package io.armory.agent.adapter.docker.images;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.observe.ContainerReading;
import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.ImageReference;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// Images with a cosign signature by the site's key. An image is known by its ID, which is a digest
/// over its content; one that was found signed stays so, also while its registry is away.
public final class SignedImages {
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  /// So many signatures of one image are looked at.
  private static final int MOST = 20;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Path key;
  private final RegistryCredentials credentials;

  /// With a registry, see [RegistryReader].
  private final Duration patience;

  /// `ID KEY`: the image and the key that signed it.
  private final KeptLines found;

  /// @param key PEM, read before each look at a registry
  /// @param found what was found signed
  public SignedImages(Path key, KeptLines found, RegistryCredentials credentials) {
    this(key, found, credentials, PATIENCE);
  }

  SignedImages(Path key, KeptLines found, RegistryCredentials credentials, Duration patience) {
    this.patience = patience;
    this.key = key;
    this.found = found;
    this.credentials = credentials;
  }

  /// Of several at the same time, none waits for the registry of another.
  ///
  /// @param image as people know it
  /// @param inspected the engine's description of it
  public void check(String image, JsonNode inspected) throws EngineException {
    var id = ContainerReading.imageId(inspected.path("Id").asText());
    var keys = keys(image, pem(image));
    if (keys.stream().anyMatch(k -> found.contains(entry(id, k)))) {
      return;
    }
    for (var named : inspected.path("RepoDigests")) {
      var reference = ImageReference.parse(named.asText());
      for (var key :
          DIGEST.matcher(reference.tagOrDigest()).matches() ? keys : List.<PublicKey>of()) {
        if (isSigned(List.of(key), reference)) {
          found.add(entry(id, key));
          return;
        }
      }
    }
    throw refused(image, "it has no signature by this key");
  }

  private EngineException refused(String image, String why) {
    return new EngineException(
        Failure.Kind.IMAGE_UNAVAILABLE,
        "%s is refused, as images.verify.key (%s) wants: %s".formatted(image, key, why));
  }

  private String pem(String image) throws EngineException {
    try {
      return new String(RegularFile.read(key, RegularFile.MIB), StandardCharsets.UTF_8);
    } catch (IOException e) {
      // As a file that is not there.
    }
    throw refused(image, "the key cannot be read");
  }

  private List<PublicKey> keys(String image, String pem) throws EngineException {
    try {
      var keys = CosignSignature.keys(pem);
      if (!keys.isEmpty()) {
        return keys;
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // As a file without a key.
    }
    throw refused(image, "the file is no public key of cosign's (ECDSA, P-256, PEM)");
  }

  private boolean isSigned(List<PublicKey> keys, ImageReference image) throws EngineException {
    var registry = new RegistryReader(credentials, image, patience);
    var digest = image.tagOrDigest();
    var tag = digest.replace(':', '-');
    return bySimpleSigning(registry, keys, digest, "manifests/" + tag + ".sig")
        || byBundle(registry, keys, digest, "referrers/" + digest)
        || byBundle(registry, keys, digest, "manifests/" + tag);
  }

  private static boolean bySimpleSigning(
      RegistryReader registry, List<PublicKey> keys, String digest, String path)
      throws EngineException {
    for (var layer : registry.json(path).path("layers")) {
      var payload = blob(registry, layer, CosignSignature.SIMPLE);
      var signature = layer.path("annotations").path(CosignSignature.ANNOTATION).asText();
      if (CosignSignature.simple(keys, payload, signature, digest)) {
        return true;
      }
    }
    return false;
  }

  private static boolean byBundle(
      RegistryReader registry, List<PublicKey> keys, String digest, String path)
      throws EngineException {
    var looked = 0;
    for (var referrer : registry.json(path).path("manifests")) {
      var named = referrer.path("digest").asText();
      if (!DIGEST.matcher(named).matches() || ++looked > MOST) {
        continue;
      }
      for (var layer : registry.json("manifests/" + named).path("layers")) {
        if (CosignSignature.bundle(keys, blob(registry, layer, CosignSignature.BUNDLE), digest)) {
          return true;
        }
      }
    }
    return false;
  }

  private static byte[] blob(RegistryReader registry, JsonNode layer, String type)
      throws EngineException {
    var digest = layer.path("digest").asText();
    return layer.path("mediaType").asText().startsWith(type) && DIGEST.matcher(digest).matches()
        ? registry.read("blobs/" + digest).orElse(new byte[0])
        : new byte[0];
  }

  /// By the key itself: another one beside it in the file, or a comment, changes nothing.
  private static String entry(String id, PublicKey key) {
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      return id + " " + Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
