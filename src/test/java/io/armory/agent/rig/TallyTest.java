package io.armory.agent.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The last line of `./dev test`, from reports as Surefire writes them.
class TallyTest {
  @TempDir Path top;

  @Test
  void an_assumption_gives_its_reason() throws Exception {
    report(
        "Podman4IT",
        "<skipped type=\"org.opentest4j.TestAbortedException\"><![CDATA[org.opentest4j"
            + ".TestAbortedException: Assumption failed: asked of Docker alone\n"
            + "\tat org.junit.jupiter.api.Assumptions.throwAssumptionFailed(Assumptions.java:340)\n"
            + "]]></skipped>");
    assertThat(tally()).isEqualTo("1 skipped: Podman4IT 1 (asked of Docker alone)");
  }

  @Test
  void a_condition_gives_how_to_have_it_run() throws Exception {
    report(
        "BootE2E",
        "<skipped message=\"System property [armory.long] does not exist ==&gt; ./dev test --long\"/>");
    assertThat(tally()).isEqualTo("1 skipped: BootE2E 1 (./dev test --long)");
  }

  @Test
  void what_gives_none_is_named() throws Exception {
    report(
        "AIT",
        aborted("org.opentest4j.TestAbortedException: Assumption failed: assumption is not true"));
    report("BIT", "<skipped message=\"void io.armory.agent.BIT.test() is @Disabled\"/>");
    report("CIT", "<skipped/>");
    report("DIT", aborted("org.opentest4j.TestAbortedException"));
    assertThat(tally())
        .isEqualTo(
            "4 skipped: AIT 1 (no reason given by AIT.test: a bug); BIT 1 (no reason given by BIT.test: a bug); "
                + "CIT 1 (no reason given by CIT.test: a bug); DIT 1 (no reason given by DIT.test: a bug)");
  }

  private static String aborted(String thrown) {
    return "<skipped type=\"org.opentest4j.TestAbortedException\"><![CDATA[%s\n\tat A.b(A.java:5)\n]]></skipped>"
        .formatted(thrown);
  }

  private void report(String name, String skipped) throws IOException {
    var reports = Files.createDirectories(top.resolve("target/failsafe-reports"));
    Files.writeString(
        reports.resolve("TEST-io.armory.agent." + name + ".xml"),
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="io.armory.agent.%1$s" time="1.5">
          <testcase name="test" classname="io.armory.agent.%1$s" time="0.0">%2$s</testcase>
        </testsuite>
        """
            .formatted(name, skipped));
  }

  private String tally() throws IOException, InterruptedException {
    var process =
        new ProcessBuilder("python3", "src/test/rig/tally.py", top.toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }
}
