package io.armory.agent.adapter.files;

import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/// Seals documents that hold secrets before they go to disk: AES-256-GCM, so that nobody reads one
/// without the key and nobody changes one unseen. A document is bound to its name: one put in
/// another's place does not open.
///
/// Where the key comes from: [SealKeys].
///
/// Sealed: `AASB`, version 1, key ID (8 bytes), nonce (12), ciphertext with its tag (16).
public final class SealedBox {
  private static final byte[] MAGIC = {'A', 'A', 'S', 'B', 1};
  private static final int NONCE = 12;
  private static final int TAG = 16;
  private static final int HEADER = MAGIC.length + SealKeys.ID_BYTES;

  private final SecureRandom random = new SecureRandom();
  private final List<SealKeys.Key> keys;

  private SealedBox(List<SealKeys.Key> keys) {
    this.keys = List.copyOf(keys);
  }

  /// @param keyFile made when missing and no credential is there
  /// @param credentials systemd's `$CREDENTIALS_DIRECTORY`, when set. Whatever other key is there
  ///   still opens what it sealed before.
  public static Outcome<SealedBox> open(Path keyFile, Optional<Path> credentials) {
    return new SealKeys(keyFile, credentials).findOrMake().map(SealedBox::new);
  }

  /// As [#open], but makes nothing; empty: there is no key yet.
  public static Outcome<Optional<SealedBox>> look(Path keyFile, Optional<Path> credentials) {
    return new SealKeys(keyFile, credentials)
        .find()
        .map(keys -> keys.isEmpty() ? Optional.empty() : Optional.of(new SealedBox(keys)));
  }

  /// The encrypted credential that systemd has, and did not give to the running agent.
  ///
  /// @param stores where systemd looks for encrypted credentials
  /// @param credentials of the running unit; not there: nobody knows
  public static Optional<Path> unopened(List<Path> stores, Path credentials) {
    var given = Stream.of(SealKeys.ENCRYPTED, SealKeys.OPENED).map(credentials::resolve);
    return Files.isDirectory(credentials) && given.noneMatch(Files::exists)
        ? stores.stream().map(s -> s.resolve(SealKeys.ENCRYPTED)).filter(Files::exists).findFirst()
        : Optional.empty();
  }

  /// Which key seals, for people; tells nothing about the key.
  public String keyId() {
    return keys.getFirst().id();
  }

  /// Where the key that seals is from, for people.
  public String keyOrigin() {
    return keys.getFirst().origin();
  }

  /// @param name what the document is; it opens under this name only
  public byte[] seal(String name, byte[] content) {
    var key = keys.getFirst();
    var nonce = new byte[NONCE];
    random.nextBytes(nonce);
    var header =
        ByteBuffer.allocate(HEADER).put(MAGIC).put(HexFormat.of().parseHex(key.id())).array();
    try {
      var sealed = cipher(Cipher.ENCRYPT_MODE, key, nonce, header, name).doFinal(content);
      return ByteBuffer.allocate(HEADER + NONCE + sealed.length)
          .put(header)
          .put(nonce)
          .put(sealed)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has AES-GCM", e);
    }
  }

  public Outcome<byte[]> unseal(String name, byte[] sealed) {
    if (sealed.length < HEADER + NONCE + TAG
        || !Arrays.equals(sealed, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      return unopened(name, "it is not sealed");
    }
    var header = Arrays.copyOf(sealed, HEADER);
    var id = HexFormat.of().formatHex(sealed, MAGIC.length, HEADER);
    var key = keys.stream().filter(k -> k.id().equals(id)).findFirst();
    if (key.isEmpty()) {
      return unopened(name, "it was sealed with key " + id + ", which is not here");
    }
    var nonce = Arrays.copyOfRange(sealed, HEADER, HEADER + NONCE);
    try {
      var cipher = cipher(Cipher.DECRYPT_MODE, key.get(), nonce, header, name);
      return Outcome.done(cipher.doFinal(sealed, HEADER + NONCE, sealed.length - HEADER - NONCE));
    } catch (AEADBadTagException e) {
      return unopened(name, "it was altered");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has AES-GCM", e);
    }
  }

  private static Outcome<byte[]> unopened(String name, String why) {
    return Outcome.failed(Kind.INVALID, "sealed state " + name + " does not open: " + why);
  }

  private static Cipher cipher(int mode, SealKeys.Key key, byte[] nonce, byte[] header, String name)
      throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key.secret(), new GCMParameterSpec(TAG * 8, nonce));
    cipher.updateAAD(header);
    cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
