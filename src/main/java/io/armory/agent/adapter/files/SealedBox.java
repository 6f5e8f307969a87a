package io.armory.agent.adapter.files;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;

/// Seals documents that hold secrets before they go to disk: AES-256-GCM, so that nobody reads one
/// without the key and nobody changes one unseen. A document is bound to its name: one put in
/// another's place does not open.
///
/// The key comes from systemd's credentials directory where the unit is given one (there it can be
/// bound to a TPM), else from a key file that only the agent's user may read, made at first use.
///
/// Sealed: `AASB`, version 1, key ID (8 bytes), nonce (12), ciphertext with its tag (16).
public final class SealedBox {
  /// The name to give the key in `LoadCredential=` or `LoadCredentialEncrypted=`.
  public static final String CREDENTIAL = "armory-agent.seal-key";

  private static final byte[] MAGIC = {'A', 'A', 'S', 'B', 1};
  private static final int KEY_ID = 8;
  private static final int NONCE = 12;
  private static final int TAG = 16;
  private static final int HEADER = MAGIC.length + KEY_ID;
  private static final int KEY_BYTES = 32;
  private static final int LEAST_KEY_BYTES = 16;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final SecureRandom random = new SecureRandom();
  private final List<Key> keys;

  private SealedBox(List<Key> keys) {
    this.keys = List.copyOf(keys);
  }

  /// @param id in hexadecimal
  private record Key(String id, SecretKey secret) {
    @Override
    public String toString() {
      return "key " + id;
    }
  }

  /// @param keyFile made when missing and no credential is there
  /// @param credentials systemd's `$CREDENTIALS_DIRECTORY`, when set. A key file that is there too
  ///   still opens what it sealed before.
  public static Outcome<SealedBox> open(Path keyFile, Optional<Path> credentials) {
    try {
      var keys = new ArrayList<Key>();
      var credential = credentials.map(d -> d.resolve(CREDENTIAL)).filter(Files::exists);
      if (credential.isPresent()) {
        keys.add(derived(Files.readAllBytes(credential.get()), credential.get()));
      }
      if (Files.exists(keyFile) || keys.isEmpty()) {
        keys.add(derived(keyOf(keyFile), keyFile));
      }
      return Outcome.done(new SealedBox(keys));
    } catch (UnfitKey e) {
      return Outcome.failed(new Failure(Kind.INVALID, e.getMessage()));
    } catch (IOException e) {
      return Outcome.failed(DiskFailure.of("cannot read the sealing key " + keyFile, e));
    }
  }

  /// Which key seals, for people; tells nothing about the key.
  public String keyId() {
    return keys.getFirst().id();
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
    return Outcome.failed(
        new Failure(Kind.INVALID, "sealed state " + name + " does not open: " + why));
  }

  private static Cipher cipher(int mode, Key key, byte[] nonce, byte[] header, String name)
      throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key.secret(), new GCMParameterSpec(TAG * 8, nonce));
    cipher.updateAAD(header);
    cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private static byte[] keyOf(Path keyFile) throws IOException {
    try {
      var permissions = Files.getPosixFilePermissions(keyFile);
      if (!OWNER_ONLY.containsAll(permissions)) {
        throw new UnfitKey(
            "sealing key "
                + keyFile
                + ": others may read it ("
                + PosixFilePermissions.toString(permissions)
                + "); chmod 600 it, or remove it to have a new one made");
      }
      return Files.readAllBytes(keyFile);
    } catch (NoSuchFileException e) {
      var fresh = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(fresh);
      AtomicWrite.write(keyFile, fresh, 0600, -1);
      return fresh;
    }
  }

  /// The material is never used itself: one key is derived to seal, another to be named by.
  private static Key derived(byte[] material, Path from) throws UnfitKey {
    if (material.length < LEAST_KEY_BYTES) {
      throw new UnfitKey(
          "sealing key " + from + ": " + material.length + " bytes are too few; give it 32");
    }
    try {
      var kdf = KDF.getInstance("HKDF-SHA256");
      var extracted = HKDFParameterSpec.ofExtract().addIKM(material);
      var id = extracted.thenExpand(info("key id"), KEY_ID);
      return new Key(
          HexFormat.of().formatHex(kdf.deriveData(id)),
          kdf.deriveKey("AES", extracted.thenExpand(info("seal"), KEY_BYTES)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java 25 runtime has HKDF-SHA256", e);
    }
  }

  private static byte[] info(String purpose) {
    return ("armory-agent 1 " + purpose).getBytes(StandardCharsets.UTF_8);
  }

  private static final class UnfitKey extends IOException {
    private static final long serialVersionUID = 1L;
    private final String message;

    UnfitKey(String message) {
      super(message);
      this.message = message;
    }

    @Override
    public String getMessage() {
      return message;
    }
  }
}
