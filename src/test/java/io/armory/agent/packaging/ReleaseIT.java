package io.armory.agent.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./dev release` on a copy of the checkout. The build itself is `PackagesIT`'s: here a program
/// that is called `mvn` leaves the files that a build leaves.
class ReleaseIT {
  /// What `./dev release` reads and changes.
  private static final List<String> PARTS =
      List.of(
          "dev",
          "pom.xml",
          "README.md",
          "CHANGELOG.md",
          "docs",
          "packaging",
          "src/test/rig",
          ".gitignore");

  private static final String BUILD =
      """
      #!/bin/sh
      set -e
      version=$(sed -n 's|^  <version>\\(.*\\)</version>|\\1|p' pom.xml)
      printf '%s\\n' "$*" "compression $PACKAGE_COMPRESSION" >"$0.called"
      doc=target/package-amd64/tree/usr/share/doc/armory-agent
      mkdir -p $doc
      echo deb >target/armory-agent_${version}_amd64.deb
      echo rpm >target/armory-agent-$version-1.x86_64.rpm
      echo '{}' >$doc/armory-agent.cdx.json
      [ ! -f fail-the-build ] || exit 1
      """;

  @TempDir Path directory;
  private Path copy = Path.of("");
  private Path programs = Path.of("");

  @BeforeEach
  void copyTheCheckout() throws IOException {
    copy = Files.createDirectory(directory.resolve("checkout"));
    programs = Files.createDirectory(directory.resolve("bin"));
    var build = Files.writeString(programs.resolve("mvn"), BUILD);
    assertThat(build.toFile().setExecutable(true)).isTrue();
    for (var part : PARTS) {
      copyAll(Path.of(part), copy.resolve(part));
    }
    changelog("## [Unreleased]\n\n### Added\n\n- A thing that users can see.\n");
    run("git init -q && git add -A && git commit -qm Begin && git tag v9.9.8");
  }

  private void changelog(String text) throws IOException {
    Files.writeString(copy.resolve("CHANGELOG.md"), "# Changelog\n\n" + text);
  }

  @Test
  void a_release_is_a_commit_a_tag_and_the_files_to_publish() throws IOException {
    var said = run("./dev release 9.9.9");
    assertThat(said).contains("committed and tagged");

    assertThat(run("git log -1 --format=%s && git describe && git status --porcelain"))
        .isEqualTo("Release 9.9.9\nv9.9.9\n");
    assertThat(run("git tag -l --format='%(contents)' v9.9.9"))
        .startsWith("armory-agent 9.9.9\n\n### Added")
        .contains("- A thing that users can see.");
    assertThat(run("git show v9.9.9:pom.xml")).contains("<version>9.9.9</version>");
    var today = LocalDate.now(ZoneOffset.UTC);
    assertThat(Files.readString(copy.resolve("CHANGELOG.md")))
        .startsWith("# Changelog\n\n## [Unreleased]\n\n## [9.9.9] - " + today + "\n\n### Added\n");
    assertThat(run("cd target/release && sha256sum -c SHA256SUMS && ls"))
        .contains(
            "armory-agent_9.9.9_amd64.deb: OK",
            "armory-agent-9.9.9-1.x86_64.rpm: OK",
            "armory-agent-9.9.9.cdx.json: OK");
    assertThat(programs.resolve("mvn.called")).content().contains("clean package", "compression 9");
  }

  @Test
  void who_has_the_public_key_can_tell_that_the_files_are_those_of_the_commit() throws IOException {
    run("openssl ecparam -name prime256v1 -genkey -noout -out ../key.pem");
    run("openssl ec -in ../key.pem -pubout -out ../key.pub");
    var commit = run("git rev-parse HEAD").strip();
    run("./dev release 9.9.9 --sign ../key.pem");
    assertThat(
            run(
                "cd target/release && openssl dgst -sha256 -verify ../../../key.pub -signature"
                    + " SHA256SUMS.sig SHA256SUMS && sha256sum -c SHA256SUMS"))
        .contains("Verified OK", "armory-agent-9.9.9.intoto.json: OK");
    var deb = run("sha256sum < target/release/armory-agent_9.9.9_amd64.deb").substring(0, 64);
    assertThat(run("cat target/release/armory-agent-9.9.9.intoto.json"))
        .contains("https://in-toto.io/Statement/v1", deb, commit, "\"version\": \"9.9.9\"");
    assertThat(refusal("9.9.10 --sign nothing")).contains("--sign needs a readable private key");
  }

  @Test
  void no_document_names_the_version_before() {
    var before = run("sed -n 's|^  <version>\\(.*\\)</version>|\\1|p' pom.xml").strip();
    run("./dev release 9.9.9");
    assertThat(
            run(
                "git grep -nF -e 'armory-agent_%1$s' -e 'armory-agent-%1$s' -e 'agent %1$s up'; true"
                    .formatted(before)))
        .isEmpty();
    assertThat(run("cat README.md docs/*.md"))
        .contains("armory-agent_9.9.9_amd64.deb", "armory-agent-9.9.9-1.x86_64.rpm");
  }

  @Test
  void a_dry_run_leaves_the_checkout_as_it_was() {
    assertThat(run("./dev release 9.9.9 --dry-run")).contains("nothing is committed");
    assertThat(run("git status --porcelain && git log --format=%s && git tag"))
        .isEqualTo("Begin\nv9.9.8\n");
    assertThat(copy.resolve("target/release/SHA256SUMS")).exists();
  }

  @Test
  void a_build_that_fails_leaves_the_checkout_as_it_was() {
    run("touch fail-the-build && git add -A && git commit -qm Fail");
    assertThat(run("./dev release 9.9.9 && echo DONE; true"))
        .contains("the build failed")
        .doesNotContain("DONE");
    assertThat(run("git status --porcelain && git log --format=%s && git tag"))
        .isEqualTo("Fail\nBegin\nv9.9.8\n");
  }

  @Test
  void what_cannot_be_released_is_refused_before_anything_changes() throws IOException {
    assertThat(refusal("next")).contains("usage: ./dev release VERSION");
    assertThat(refusal("9.9.8")).contains("v9.9.8 has been released before");
    assertThat(refusal("9.9.8-rc.1")).contains("9.9.8-rc.1 is not newer than 9.9.8");
    assertThat(refusal("9.9.9 --dryrun")).contains("no option '--dryrun'");
    changelog("## [Unreleased]\n\n## [9.9.8] - 2026-01-01\n\n- A thing of before.\n");
    assertThat(refusal("9.9.9")).contains("the checkout has changes");
    run("git commit -qam Nothing");
    assertThat(refusal("9.9.9")).contains("CHANGELOG.md lists nothing under");
    assertThat(programs.resolve("mvn.called")).doesNotExist();
  }

  private String refusal(String arguments) {
    return run("./dev release %s && echo DONE; true".formatted(arguments));
  }

  private String run(String script) {
    try {
      var builder = new ProcessBuilder("bash", "-c", script).directory(copy.toFile());
      var environment = builder.environment();
      environment.merge("PATH", programs + ":", (path, first) -> first + path);
      for (var role : List.of("AUTHOR", "COMMITTER")) {
        environment.put("GIT_" + role + "_NAME", "Somebody");
        environment.put("GIT_" + role + "_EMAIL", "somebody@example.com");
      }
      environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
      var process = builder.redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s:%n%s", script, output).isZero();
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void copyAll(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (var file : (Iterable<Path>) files::iterator) {
        var copied = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copied);
        } else {
          Files.copy(file, copied, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }
}
