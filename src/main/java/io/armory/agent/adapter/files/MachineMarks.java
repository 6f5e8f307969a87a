package io.armory.agent.adapter.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// What the machine says of itself with no network.
///
/// @param machineId made at the first boot; not set on an image that is to be many machines
/// @param assetTag of the board: on EC2's Nitro system the instance ID
public record MachineMarks(Path machineId, Path assetTag) {
  public static final MachineMarks OF_THIS =
      new MachineMarks(
          Path.of("/etc/machine-id"), Path.of("/sys/devices/virtual/dmi/id/board_asset_tag"));

  private static final Pattern MACHINE = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern INSTANCE = Pattern.compile("i-[0-9a-f]{8,17}");

  /// A digest: machine-id(5) asks not to hand out the ID itself.
  public Optional<String> machine() {
    return read(machineId, MACHINE).map(MachineMarks::digest);
  }

  public Optional<String> instance() {
    return read(assetTag, INSTANCE);
  }

  private static Optional<String> read(Path file, Pattern form) {
    try {
      return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1).strip())
          .filter(t -> form.matcher(t).matches());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String digest(String id) {
    try {
      var all = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(all.digest(("armory-agent owner " + id).getBytes(StandardCharsets.US_ASCII)))
          .substring(0, 32);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
