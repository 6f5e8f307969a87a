package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a registry's refusal of a login leads to.
@Timeout(60)
class ImageLoginTest {
  private static final String EXPIRED =
      "{\"message\":\"denied: Your authorization token has expired. Reauthenticate and try"
          + " again.\"}";
  private static final String PULLED = "{\"status\":\"Pull complete\"}\n";

  @TempDir Path directory;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Logins logins = new Logins();

  /// A new one after each refusal, until there is none to be had.
  private static final class Logins implements RegistryCredentials {
    private int made = 1;
    private boolean throttled;

    @Override
    public Outcome<Optional<Credential>> find(String registry) {
      return throttled
          ? Outcome.failed(Failure.Kind.TRANSIENT, "ecr: Rate exceeded")
          : Outcome.done(Optional.of(new Credential("u", new Secret("login-" + made))));
    }

    @Override
    public void refused(String registry) {
      made++;
    }
  }

  @Test
  void a_login_that_is_refused_is_made_anew_at_once() throws Exception {
    assertThat(pull("r/gate:x", EXPIRED, PULLED).whyFailed()).isEmpty();
    assertThat(logins.made).isEqualTo(2);
  }

  @Test
  void a_fresh_login_that_is_refused_is_the_images_fault() throws Exception {
    assertThat(pull("r/gate:x", EXPIRED, EXPIRED).whyFailed().orElseThrow().kind())
        .isEqualTo(Failure.Kind.IMAGE_UNAVAILABLE);
    assertThat(logins.made).isEqualTo(2);
  }

  @Test
  void a_login_that_cannot_be_had_is_the_way_to_it() throws Exception {
    logins.throttled = true;
    var failure = pull("r/gate:x").whyFailed().orElseThrow();
    assertThat(failure.kind()).isEqualTo(Failure.Kind.TRANSIENT);
    assertThat(failure.message()).contains("no credentials for docker.io: ecr: Rate exceeded");
  }

  /// As engines speak from API 1.48 on, where the plain text goes.
  @Test
  void an_error_that_stands_in_its_detail_alone_is_one() throws Exception {
    var failure =
        pull("r/gate:x", "{\"errorDetail\":{\"message\":\"no space left on device\"}}\n")
            .whyFailed()
            .orElseThrow();
    assertThat(failure.message()).contains("no space left on device");
  }

  @Test
  void a_reference_that_no_image_can_have_is_refused_without_a_question() throws Exception {
    var failure = pull("Foo/Gate:x").whyFailed().orElseThrow();
    assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
    assertThat(failure.message()).contains("\"Foo/Gate:x\" is no image reference");
    assertThat(asked).noneMatch(a -> a.contains("/images/"));
  }

  private Outcome<String> pull(String image, String... answers) throws Exception {
    var socket = directory.resolve("engine.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      var all = new ArrayList<>(List.of("{\"ApiVersion\":\"1.41\"}"));
      all.addAll(List.of(answers));
      all.add("{\"Id\":\"sha256:abc\"}");
      var _ = Thread.ofVirtual().start(() -> all.forEach(a -> answer(server, a)));
      try (var engine = DockerEngine.open(socket, logins)) {
        return engine.execute(new Action.PullImage("gate", image, null), line -> {});
      }
    }
  }

  private void answer(ServerSocketChannel server, String body) {
    var status = body.equals(EXPIRED) ? 500 : 200;
    var text =
        "HTTP/1.1 %d x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(status, body.length(), body);
    try (var client = server.accept()) {
      var request = ByteBuffer.allocate(8192);
      client.read(request);
      asked.add(new String(request.array(), 0, request.position(), StandardCharsets.UTF_8));
      client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      // The test has ended: nobody asks any more.
    }
  }
}
