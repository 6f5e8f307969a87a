package io.armory.agent.adapter.docker.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Secret;
import io.armory.agent.port.RegistryCredentials.Credential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerConfigFileTest {
  @TempDir Path directory;

  @Test
  void without_a_file_nobody_is_known() {
    assertThat(find("docker.io")).isEqualTo(Outcome.done(Optional.empty()));
  }

  @Test
  void a_login_is_found_however_its_key_is_written() throws IOException {
    write(
        """
        {"auths": {"https://index.docker.io/v1/": {"auth": "YW5uYTpwYTpzcw=="},
                   "https://reg.test:5000": {"auth": "Ym9iOnNlY3JldA=="},
                   "other.test": {"identitytoken": "a-token"}, "empty.test": {}}}
        """);

    assertThat(find("docker.io")).isEqualTo(known("anna", "pa:ss"));
    assertThat(find("reg.test:5000")).isEqualTo(known("bob", "secret"));
    assertThat(find("other.test")).isEqualTo(known(Credential.TOKEN, "a-token"));
    assertThat(find("empty.test")).isEqualTo(Outcome.done(Optional.empty()));
    assertThat(find("reg.test")).isEqualTo(Outcome.done(Optional.empty()));
  }

  @Test
  void a_broken_file_or_entry_is_named_and_shows_no_secret() throws IOException {
    write("{\"auths\": {\"reg.test\": {\"auth\": \"bm9jb2xvbg==\"}}}");
    assertThat(find("reg.test").toString())
        .contains("config.json", "docker login")
        .doesNotContain("nocolon", "bm9jb2xvbg");

    write("{");
    assertThat(find("reg.test").toString()).contains("config.json", "valid JSON");
  }

  @Test
  void a_helper_that_cannot_be_run_is_named() throws IOException {
    write("{\"credHelpers\": {\"reg.test\": \"no-such-helper\"}}");

    assertThat(find("reg.test").toString()).contains("docker-credential-no-such-helper");
    assertThat(find("other.test")).isEqualTo(Outcome.done(Optional.empty()));
  }

  private void write(String json) throws IOException {
    Files.writeString(directory.resolve("config.json"), json);
  }

  private Outcome<Optional<Credential>> find(String registry) {
    return new DockerConfigFile(directory.resolve("config.json")).find(registry);
  }

  private static Outcome<Optional<Credential>> known(String user, String password) {
    return Outcome.done(Optional.of(new Credential(user, new Secret(password))));
  }
}
