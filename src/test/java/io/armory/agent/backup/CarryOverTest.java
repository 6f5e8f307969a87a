package io.armory.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.Front50;
import io.armory.agent.port.RedisKeys;
import io.armory.agent.port.Workload.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Shared stores that are in use are left alone unless somebody says otherwise.
class CarryOverTest {
  private static final NodeStores NODE =
      Nodes.of("ha", Optional.of(Nodes.REMOTE), false, "front50", "orca");

  @TempDir Path directory;
  private final List<String> written = new ArrayList<>();

  private CarryOver over(String pipelines, int keysThere, boolean overwrite) throws IOException {
    var archive =
        ArchiveTest.written(
            directory.resolve("a.zip"), 1, BackupManifest.ORCA, BackupManifest.OBJECTS);
    var front50 =
        new Front50() {
          @Override
          public Outcome<String> get(Endpoint front50, String path) {
            return Outcome.done(path.startsWith("/pipelines") ? pipelines : "[]");
          }

          @Override
          public Outcome<String> post(Endpoint front50, String path, String json) {
            written.add(path);
            return Outcome.done("");
          }
        };
    var keys =
        new RedisKeys() {
          @Override
          public Outcome<Integer> save(RemoteRedis from, List<String> patterns, OutputStream to) {
            return Outcome.done(0);
          }

          @Override
          public Outcome<Integer> present(RemoteRedis in, InputStream saved) {
            return Outcome.done(keysThere);
          }

          @Override
          public Outcome<Integer> load(RemoteRedis into, InputStream saved, boolean replace) {
            written.add("replace " + replace);
            return Outcome.done(7);
          }
        };
    return new CarryOver(
        front50,
        keys,
        new Archive.Checked(archive, Objects.requireNonNull(Archive.glance(archive))),
        overwrite);
  }

  @Test
  void a_front50_with_pipelines_is_left_alone_unless_told_otherwise() throws IOException {
    var refused = over("[{\"id\":\"p1\"}]", 0, false).objectsFit(NODE).whyFailed();
    assertThat(refused.orElseThrow().message())
        .contains("front50 has 1 applications and pipelines already", "--overwrite");
    assertThat(over("[{\"id\":\"p1\"}]", 0, true).objectsFit(NODE).whyFailed()).isEmpty();
    assertThat(over("[]", 0, false).objectsFit(NODE).whyFailed()).isEmpty();
    assertThat(written).isEmpty();
  }

  @Test
  void a_redis_with_the_same_keys_is_left_alone_unless_told_otherwise() throws IOException {
    var refused = over("[]", 3, false).keysFit(Nodes.REMOTE).whyFailed();
    assertThat(refused.orElseThrow().message())
        .contains("redis.internal:6379 has 3 of orca's keys of the backup already");
    assertThat(over("[]", 3, true).keysFit(Nodes.REMOTE).whyFailed()).isEmpty();
    assertThat(over("[]", 0, false).keys(Nodes.REMOTE, _ -> {}))
        .isEqualTo(Outcome.done("orca: 7 keys in redis.internal:6379"));
    assertThat(written).containsExactly("replace false");
  }
}
