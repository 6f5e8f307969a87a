package io.armory.agent.adapter.files;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.PollerGate;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;

/// A file that the poller containers mount: when they are to end, and when they have been killed,
/// in hundredths of a second as the first figure of `/proc/uptime` counts them. Replaced, never
/// written into, so that a reader sees one pair or the other.
public record LeaseFile(Path directory) implements PollerGate {
  private static final Path UPTIME = Path.of("/proc/uptime");
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

  @Override
  public Duration uptime() {
    try {
      var text = Files.readString(UPTIME);
      var seconds = new BigDecimal(text.substring(0, text.indexOf(' ')));
      return Duration.ofMillis(seconds.movePointRight(3).longValueExact());
    } catch (IOException e) {
      throw new IllegalStateException("the kernel does not tell its uptime: " + e, e);
    }
  }

  @Override
  public Outcome<String> open(Duration term, Duration dead) {
    var text = "%d %d%n".formatted(term.toMillis() / 10, dead.toMillis() / 10);
    try {
      replace("until", text);
      return Outcome.done("");
    } catch (IOException e) {
      return failed("write", e);
    }
  }

  /// Bound to the boot, so that an image made of a disk does not carry it along.
  @Override
  public Outcome<String> holder(String node) {
    try {
      var boot = Files.readString(BOOT).strip();
      var file = directory.resolve("holder");
      if (Files.exists(file)) {
        var known = Files.readString(file).strip();
        if (known.startsWith(boot + " ")) {
          return Outcome.done(known.substring(boot.length() + 1));
        }
      }
      var random = new byte[8];
      new SecureRandom().nextBytes(random);
      var name = node + "/" + HexFormat.of().formatHex(random);
      replace("holder", boot + " " + name + "\n");
      return Outcome.done(name);
    } catch (IOException e) {
      return failed("write", e);
    }
  }

  private void replace(String name, String text) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, AtomicWrite.permissions(0755));
    var temporary = directory.resolve("." + name + AtomicWrite.TEMPORARY);
    Files.writeString(temporary, text);
    Files.setPosixFilePermissions(temporary, AtomicWrite.permissions(0644));
    Files.move(
        temporary,
        directory.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private <T> Outcome<T> failed(String verb, IOException e) {
    return Outcome.failed(
        Failure.Kind.TRANSIENT, "cannot " + verb + " in " + directory + ": " + e.getMessage());
  }
}
