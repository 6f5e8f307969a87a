package io.armory.agent.adapter.docker.images;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// What cosign writes with a key, in both of its forms: a "simple signing" payload whose signature
/// is an annotation, and a sigstore bundle with an in-toto statement. Only ECDSA over P-256 with
/// SHA-256, which is what `cosign generate-key-pair` makes. No transparency log is asked.
final class CosignSignature {
  static final String SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json";
  static final String BUNDLE = "application/vnd.dev.sigstore.bundle";
  static final String ANNOTATION = "dev.cosignproject.cosign/signature";

  private static final String IN_TOTO = "application/vnd.in-toto+json";
  private static final String SIGNED = "https://sigstore.dev/cosign/sign/v1";
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN PUBLIC KEY-----([^-]+)-----END PUBLIC KEY-----");
  private static final int P256_BITS = 256;

  private CosignSignature() {}

  /// All keys of a PEM file: while one is exchanged for another, both count.
  static List<PublicKey> keys(String pem) throws GeneralSecurityException {
    var keys = new ArrayList<PublicKey>();
    var blocks = PEM.matcher(pem);
    while (blocks.find()) {
      var bytes = Base64.getMimeDecoder().decode(blocks.group(1));
      var key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(bytes));
      if (!(key instanceof ECPublicKey ec) || ec.getParams().getOrder().bitLength() != P256_BITS) {
        throw new GeneralSecurityException("a key that is not of the curve P-256");
      }
      keys.add(key);
    }
    return keys;
  }

  /// @param signature in Base64, from the manifest's annotation
  /// @param digest of the image, `sha256:…`
  static boolean simple(List<PublicKey> keys, byte[] payload, String signature, String digest) {
    if (!isSigned(keys, payload, signature)) {
      return false;
    }
    var critical = read(payload).path("critical");
    return critical.path("type").asText().equals("cosign container image signature")
        && critical.path("image").path("docker-manifest-digest").asText().equals(digest);
  }

  static boolean bundle(List<PublicKey> keys, byte[] bundle, String digest) {
    var envelope = read(bundle).path("dsseEnvelope");
    var payload = decoded(envelope.path("payload").asText());
    if (!envelope.path("payloadType").asText().equals(IN_TOTO)
        || !isSigned(
            keys, encoded(payload), envelope.path("signatures").path(0).path("sig").asText())) {
      return false;
    }
    var statement = read(payload);
    if (!statement.path("predicateType").asText().equals(SIGNED)) {
      return false;
    }
    for (var subject : statement.path("subject")) {
      if (digest.equals("sha256:" + subject.path("digest").path("sha256").asText())) {
        return true;
      }
    }
    return false;
  }

  /// The pre-authentication encoding of DSSE, version 1.
  private static byte[] encoded(byte[] payload) {
    var head = "DSSEv1 %d %s %d ".formatted(IN_TOTO.length(), IN_TOTO, payload.length);
    var all = new ByteArrayOutputStream();
    all.writeBytes(head.getBytes(UTF_8));
    all.writeBytes(payload);
    return all.toByteArray();
  }

  private static boolean isSigned(List<PublicKey> keys, byte[] text, String signature) {
    return keys.stream().anyMatch(key -> isSigned(key, text, decoded(signature)));
  }

  private static boolean isSigned(PublicKey key, byte[] text, byte[] signature) {
    try {
      var check = Signature.getInstance("SHA256withECDSA");
      check.initVerify(key);
      check.update(text);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      // What is no signature at all does not sign.
      return false;
    }
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private static JsonNode read(byte[] json) {
    try {
      return Json.parse(json);
    } catch (EngineException e) {
      return Json.object();
    }
  }
}
