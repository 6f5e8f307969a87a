package io.armory.agent.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// The packages as files: what is in them, what they ask of a node, what the distributions' own
/// checkers say of them, and that they can be made again. `./dev test` builds them first.
class PackagesIT {
  private static final Path TARGET = Path.of("target");
  private static final String DOC = "usr/share/doc/armory-agent/";

  @TempDir static Path directory;
  private static Path deb = Path.of("");
  private static Path rpm = Path.of("");
  private static Path tree = Path.of("");

  @BeforeAll
  static void unpack() throws IOException {
    deb = only("armory-agent_*.deb");
    rpm = only("armory-agent-*.rpm");
    tree = directory.resolve("tree");
    run("dpkg-deb", "-x", deb.toString(), tree.toString());
  }

  private static Path only(String pattern) throws IOException {
    try (var found = Files.newDirectoryStream(TARGET, pattern)) {
      var all = StreamSupport.stream(found.spliterator(), false).toList();
      assertThat(all).as("target/%s: made by ./dev package", pattern).hasSize(1);
      return all.getFirst();
    }
  }

  @Test
  void lintian_and_rpmlint_find_nothing() {
    // The tests' packages are not compressed; those of ./dev package are.
    run(
        "lintian",
        "--fail-on=warning,error",
        "--suppress-tags=uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball",
        deb.toString());
    assertThat(run("rpmlint", "-c", "packaging/rpm/rpmlint.toml", rpm.toString()))
        .contains("0 errors, 0 warnings");
  }

  @Test
  void both_packages_bring_the_same_files() {
    var inDeb =
        run("dpkg-deb", "--fsys-tarfile", deb.toString(), "|", "tar", "-t")
            .lines()
            .filter(l -> !l.endsWith("/"))
            .map(l -> l.substring(2))
            .filter(l -> !l.contains("lintian") && !l.endsWith("changelog.gz"))
            .map(l -> l.replace("zsh/vendor-completions", "zsh/site-functions"))
            .collect(Collectors.toSet());
    var inRpm =
        run(
                "rpm",
                "-qp",
                "--qf",
                "'[%{FILEMODES:perms} %{FILEFLAGS:fflags} %{FILENAMES}\\n]'",
                rpm.toString())
            .lines()
            .filter(l -> !l.startsWith("d"))
            // The start caches, made at the installation.
            .filter(l -> !l.contains(".aot"))
            .map(l -> l.substring(l.lastIndexOf(" /") + 2))
            .collect(Collectors.toSet());
    assertThat(inRpm).isEqualTo(inDeb);
    assertThat(inDeb)
        .contains(
            "usr/bin/armory-agent",
            "etc/armory-agent/agent.yaml",
            "usr/lib/armory-agent/runtime/bin/java",
            "usr/lib/armory-agent/lib/armory-agent.jar",
            "usr/share/armory-agent/compose-templates/roles/standalone.yml",
            "usr/lib/systemd/system/armory-agent.service",
            "usr/lib/systemd/system/armory-agent-key.service",
            "usr/share/man/man8/armory-agent.8.gz",
            "usr/share/bash-completion/completions/armory-agent",
            DOC + "README.md",
            DOC + "hardening.md",
            DOC + "licenses/armory-agent/LICENSE",
            DOC + "licenses/openjdk/java.base/LICENSE");
    assertThat(run("dpkg-deb", "-I", deb.toString(), "conffiles").strip())
        .isEqualTo("/etc/armory-agent/agent.yaml");
    assertThat(run("rpm", "-qpc", rpm.toString()).strip())
        .isEqualTo("/etc/armory-agent/agent.yaml");
  }

  @Test
  void links_of_the_installed_pages_lead_somewhere() throws IOException {
    var broken = new ArrayList<String>();
    var link = Pattern.compile("\\]\\(([^)#:\\s]+)(?:#[^)]*)?\\)");
    try (var files = Files.walk(tree.resolve(DOC))) {
      for (var page : files.filter(f -> f.toString().endsWith(".md")).toList()) {
        link.matcher(Files.readString(page))
            .results()
            .map(found -> found.group(1))
            .filter(to -> !Files.exists(page.resolveSibling(to)))
            .forEach(to -> broken.add(page.getFileName() + ": " + to));
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void rpm_asks_for_what_red_hats_systems_have_and_gives_nothing_else_away() {
    assertThat(run("rpm", "-qp", "--requires", rpm.toString()).lines())
        .filteredOn(l -> !l.startsWith("rpmlib("))
        .containsOnly(
            "(docker-ce >= 20.10 or moby-engine >= 20.10 or docker >= 20.10 or podman-docker)",
            "/bin/sh",
            "bash",
            "glibc >= 2.28",
            "shadow-utils",
            "systemd",
            "systemd >= 239");
    assertThat(run("rpm", "-qp", "--provides", rpm.toString()).lines())
        .allMatch(l -> l.startsWith("armory-agent"));
    assertThat(
            run(
                "rpm",
                "-qp",
                "--qf",
                "'[%{FILENAMES} %{FILEMODES:octal} %{FILEUSERNAME}:%{FILEGROUPNAME}\\n]'",
                rpm.toString()))
        .contains(
            "/etc/armory-agent/env 42750 root:armory-agent",
            "/etc/armory-agent/config 42750 root:armory-agent");
  }

  @Test
  void every_part_is_in_the_bill_of_materials_with_its_licence() throws IOException {
    var bill = new ObjectMapper().readTree(tree.resolve(DOC + "armory-agent.cdx.json").toFile());
    assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
    var parts =
        StreamSupport.stream(bill.path("components").spliterator(), false)
            .filter(c -> !c.path("licenses").isEmpty())
            .map(c -> c.path("name").asText() + "-" + c.path("version").asText())
            .toList();
    try (var jars = Files.list(tree.resolve("usr/lib/armory-agent/lib"))) {
      var names =
          jars.map(j -> j.getFileName().toString().replaceAll("\\.jar$", ""))
              .filter(n -> !n.equals("armory-agent"))
              .toList();
      assertThat(parts).containsAll(names).hasSize(names.size() + 1);
    }
    assertThat(parts).anyMatch(p -> p.startsWith("OpenJDK runtime"));
  }

  /// The service clients are packaged without what the agent does not call; of the rest nothing may
  /// be missing: every class is linked, verified and initialized, its members' types are looked up.
  @Test
  void what_is_left_of_the_service_clients_is_whole_and_small() throws Exception {
    var lib = tree.resolve("usr/lib/armory-agent/lib");
    try (var jars = Files.list(lib);
        var all =
            new URLClassLoader(
                jars.map(PackagesIT::url).toArray(URL[]::new),
                ClassLoader.getPlatformClassLoader())) {
      for (var service : List.of("ssm", "ec2", "autoscaling", "ecr")) {
        var jar = lib.resolve(service + "-" + sdkVersion() + ".jar");
        assertThat(jar).as("trimmed").satisfies(j -> assertThat(Files.size(j)).isLessThan(2 << 20));
        try (var zip = new ZipFile(jar.toFile())) {
          assertThat(zip.getEntry("META-INF/LICENSE.txt")).isNotNull();
          assertThat(zip.getEntry("META-INF/TRIMMED.txt")).as("said to be changed").isNotNull();
          var classes = zip.stream().map(ZipEntry::getName).filter(n -> n.endsWith(".class"));
          for (var name : classes.toList()) {
            var type =
                Class.forName(
                    name.substring(0, name.length() - ".class".length()).replace('/', '.'),
                    true,
                    all);
            assertThat(type.getDeclaredMethods()).isNotNull();
            assertThat(type.getDeclaredConstructors()).isNotNull();
            assertThat(type.getDeclaredFields()).isNotNull();
          }
        }
      }
    }
    assertThat(Files.readString(tree.resolve(DOC + "copyright")))
        .contains("Comment: Changed by the build of armory-agent");
  }

  private static String sdkVersion() throws IOException {
    var found =
        Pattern.compile("<awssdk.version>(.*)</awssdk.version>")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void manual_page_names_every_command() {
    var page =
        run(
            "man",
            "--warnings",
            "-l",
            tree.resolve("usr/share/man/man8/armory-agent.8.gz").toString(),
            "2>&1");
    assertThat(page).doesNotContain("warning:");
    for (var command : List.of("status", "plan", "drain", "support-bundle", "doctor", "import")) {
      assertThat(page).containsPattern("(?m)^ +" + command + "$");
    }
  }

  @Test
  void bash_completes_commands() {
    var file = tree.resolve("usr/share/bash-completion/completions/armory-agent");
    assertThat(
            run(
                "bash",
                "-c",
                "'source "
                    + file
                    + "; COMP_WORDS=(armory-agent sup); COMP_CWORD=1; COMP_LINE=\"armory-agent sup\""
                    + "; _complete_armory-agent; echo ${COMPREPLY[@]}'"))
        .isEqualToIgnoringWhitespace("support-bundle");
  }

  @Test
  @EnabledIfSystemProperty(
      named = "armory.long",
      matches = "true",
      disabledReason = "./dev test --long")
  void second_build_gives_the_same_bytes() {
    var again = directory.resolve("again");
    run("mkdir -p " + again + " && packaging/build.sh target/dist/lib target/sbom.json " + again);
    run("cmp", deb.toString(), again.resolve(deb.getFileName()).toString());
    run("cmp", rpm.toString(), again.resolve(rpm.getFileName()).toString());
  }

  private static String run(String... words) {
    try {
      var builder = new ProcessBuilder("sh", "-c", String.join(" ", words));
      builder
          .environment()
          .putAll(
              Map.of(
                  "JAVA_HOME",
                  System.getProperty("java.home"),
                  "MANWIDTH",
                  "120",
                  "LC_ALL",
                  "C.UTF-8"));
      var err = directory.resolve("err.txt");
      var process = builder.redirectError(err.toFile()).start();
      process.getOutputStream().close();
      var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor())
          .as(String.join(" ", words) + "\n" + out + Files.readString(err))
          .isZero();
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
