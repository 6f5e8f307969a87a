package io.armory.agent.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// An authority of one's own, and the certificates it gives: made by openssl in a directory.
public final class Certificates {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private final Path directory;

  /// A certificate and its key, as PEM files.
  public record Pair(Path certificate, Path key) {}

  public Certificates(Path directory) {
    this.directory = directory;
    write("index.txt", "");
    write(
        "ca.cnf",
        """
        [ca]
        default_ca = authority
        [authority]
        dir = %s
        new_certs_dir = $dir
        database = $dir/index.txt
        rand_serial = yes
        unique_subject = no
        default_md = sha256
        certificate = $dir/ca.pem
        private_key = $dir/ca.key
        policy = names
        copy_extensions = copy
        [names]
        commonName = supplied
        """
            .formatted(directory));
    openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=authority",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem");
  }

  /// What its clients have to trust.
  public Path authority() {
    return directory.resolve("ca.pem");
  }

  /// Valid now.
  ///
  /// @param names as openssl writes them: `DNS:localhost,IP:127.0.0.1`
  public Pair of(String names) {
    var now = Instant.now();
    return of(names, now.minus(1, ChronoUnit.DAYS), now.plus(1, ChronoUnit.DAYS));
  }

  public Pair of(String names, Instant from, Instant until) {
    var name = "certificate-" + Integer.toHexString((names + from + until).hashCode());
    var pair = new Pair(directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
    openssl(
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=" + name,
        "-addext",
        "subjectAltName=" + names,
        "-keyout",
        name + ".key",
        "-out",
        name + ".csr");
    openssl(
        "ca",
        "-batch",
        "-notext",
        "-config",
        "ca.cnf",
        "-startdate",
        TIME.format(from),
        "-enddate",
        TIME.format(until),
        "-in",
        name + ".csr",
        "-out",
        name + ".pem");
    return pair;
  }

  private void write(String file, String text) {
    try {
      Files.writeString(directory.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void openssl(String... arguments) {
    var command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    try {
      var log = directory.resolve("openssl.log");
      var process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException(command + ": " + Files.readString(log));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("openssl is needed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
