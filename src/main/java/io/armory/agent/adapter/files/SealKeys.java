package io.armory.agent.adapter.files;

import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/// The keys that a node's sealed documents open with; the first seals. A credential of the unit
/// comes before the key file, which is made where there is neither.
///
/// @param keyFile readable by the agent's user alone
/// @param credentials systemd's directory of the unit's credentials
record SealKeys(Path keyFile, Optional<Path> credentials) {
  static final int ID_BYTES = 8;

  /// Encrypted, where it can be bound to a TPM.
  static final String ENCRYPTED = "armory-agent.seal-key-encrypted";

  /// The same, opened by a unit of its own: systemd starts no unit whose credential does not open.
  static final String OPENED = "armory-agent.seal-key-opened";

  static final String PLAIN = "armory-agent.seal-key";

  /// They differ: systemd takes two lines of one name for one credential, the last line's, and
  /// systemd 257 takes the encrypted file for the plain one.
  private static final List<String> CREDENTIALS = List.of(ENCRYPTED, OPENED, PLAIN);

  private static final int KEY_BYTES = 32;
  private static final int LEAST_KEY_BYTES = 16;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  /// @param id in hexadecimal; tells nothing about the key
  /// @param origin for people
  record Key(String id, SecretKey secret, String origin) {
    @Override
    public String toString() {
      return "key " + id + " (" + origin + ")";
    }
  }

  Outcome<List<Key>> findOrMake() {
    return find().flatMap(keys -> keys.isEmpty() ? make() : Outcome.done(keys));
  }

  /// What is there; makes nothing.
  Outcome<List<Key>> find() {
    var from = keyFile;
    try {
      var keys = new ArrayList<Key>();
      for (var name : CREDENTIALS) {
        var credential = credentials.map(d -> d.resolve(name)).filter(Files::exists);
        if (credential.isPresent()) {
          from = credential.get();
          var called = name.equals(OPENED) ? ENCRYPTED : name;
          keys.add(
              derived(
                  RegularFile.read(from, RegularFile.MIB), from, "systemd's credential " + called));
        }
      }
      from = keyFile;
      if (!Absence.isCertain(keyFile)) {
        keys.add(fromFile(materialOf(keyFile)));
      }
      return Outcome.done(List.copyOf(keys));
    } catch (IOException e) {
      return failed(from, e);
    }
  }

  private Outcome<List<Key>> make() {
    try {
      var fresh = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(fresh);
      AtomicWrite.write(keyFile, fresh, 0600, -1);
      return Outcome.done(List.of(fromFile(fresh)));
    } catch (IOException e) {
      return failed(keyFile, e);
    }
  }

  private static Outcome<List<Key>> failed(Path from, IOException e) {
    return e instanceof UnfitKey unfit
        ? Outcome.failed(Kind.INVALID, unfit.getMessage())
        : Outcome.failed(DiskFailure.of("cannot read the sealing key " + from, e));
  }

  private Key fromFile(byte[] material) throws UnfitKey {
    return derived(material, keyFile, "key file " + keyFile);
  }

  private static byte[] materialOf(Path keyFile) throws IOException {
    if (!Files.isRegularFile(keyFile)) {
      throw Absence.noFile(keyFile);
    }
    var permissions = Files.getPosixFilePermissions(keyFile);
    if (!OWNER_ONLY.containsAll(permissions)) {
      throw new UnfitKey(
          "sealing key "
              + keyFile
              + ": others may read it ("
              + PosixFilePermissions.toString(permissions)
              + "); chmod 600 it, or remove it to have a new one made");
    }
    return RegularFile.read(keyFile, RegularFile.MIB);
  }

  /// The material is never used itself: one key is derived to seal, another to be named by.
  private static Key derived(byte[] material, Path from, String origin) throws UnfitKey {
    if (material.length < LEAST_KEY_BYTES) {
      throw new UnfitKey(
          "sealing key " + from + ": " + material.length + " bytes are too few; give it 32");
    }
    try {
      var kdf = KDF.getInstance("HKDF-SHA256");
      var extracted = HKDFParameterSpec.ofExtract().addIKM(material);
      var id = extracted.thenExpand(info("key id"), ID_BYTES);
      return new Key(
          HexFormat.of().formatHex(kdf.deriveData(id)),
          kdf.deriveKey("AES", extracted.thenExpand(info("seal"), KEY_BYTES)),
          origin);
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
