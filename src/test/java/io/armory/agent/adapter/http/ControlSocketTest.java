package io.armory.agent.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlSocketTest {
  @TempDir Path run;

  private Outcome<ControlSocket> claim() {
    return ControlSocket.claim(run.resolve("armory-agent/control.sock"));
  }

  private Path lock() throws IOException {
    Files.createDirectories(run.resolve("armory-agent"));
    return run.resolve("armory-agent/agent.lock");
  }

  @Test
  void a_link_in_the_place_of_the_lock_is_not_followed() throws IOException {
    var victim = Files.writeString(run.resolve("victim"), "precious");
    Files.createSymbolicLink(lock(), victim);
    assertThat(claim().whyFailed().map(Failure::message).orElse("")).contains("agent.lock");
    assertThat(victim).hasContent("precious");
  }

  @Test
  void nor_is_one_that_leads_nowhere() throws IOException {
    var nowhere = run.resolve("nowhere");
    Files.createSymbolicLink(lock(), nowhere);
    assertThat(claim().whyFailed()).isPresent();
    assertThat(nowhere).doesNotExist();
  }

  @Test
  void a_directory_in_its_place_is_said() throws IOException {
    Files.createDirectory(lock());
    assertThat(claim().whyFailed().map(Failure::message).orElse("")).contains("agent.lock");
  }

  @Test
  void what_another_process_left_is_taken_over() throws IOException {
    Files.writeString(lock(), "999999\n");
    assertThat(claim())
        .isInstanceOfSatisfying(Outcome.Done.class, done -> ((ControlSocket) done.value()).close());
    assertThat(lock()).hasContent(ProcessHandle.current().pid() + "\n");
  }
}
