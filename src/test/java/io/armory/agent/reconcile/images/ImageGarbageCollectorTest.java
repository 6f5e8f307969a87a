package io.armory.agent.reconcile.images;

import static io.armory.agent.reconcile.TestStacks.chain;
import static io.armory.agent.reconcile.TestStacks.withOrca;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.FakeShelf;
import io.armory.agent.reconcile.Rig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class ImageGarbageCollectorTest {
  private static final int LIMIT = 85;
  @AutoClose private final Rig rig = new Rig(Duration.ofMinutes(5));
  private final FakeShelf shelf = rig.engine.images();
  private final List<String> disks = new ArrayList<>();

  @BeforeEach
  void up() {
    rig.images("1");
    rig.give(chain("r1", "1"));
    rig.loop.start();
    rig.until(rig::isReady);
    shelf.lay("image/gate:0", "image/redis:0", "image/gate:1", "image/redis:1", "other/gate:0");
  }

  private ImageGarbageCollector care(ToDoubleFunction<FakeShelf> used) {
    return new ImageGarbageCollector(
        rig.loop, rig.parts, () -> used.applyAsDouble(shelf), disks::add, LIMIT);
  }

  @Test
  void nothing_is_removed_while_there_is_room() throws InterruptedException {
    care(s -> LIMIT - 1).tend();
    assertThat(shelf.left()).hasSize(5);
  }

  @Test
  void the_disk_that_is_looked_at_is_the_engines() throws InterruptedException {
    shelf.lieIn(Outcome.failed(Failure.Kind.UNREACHABLE, "it is away"));
    var care = care(s -> LIMIT - 1);
    care.tend();
    assertThat(disks).isEmpty();
    shelf.lieIn(Outcome.done("/data/docker"));
    care.tend();
    care.tend();
    assertThat(disks).containsExactly("/data/docker");
    shelf.lieIn(Outcome.done("/elsewhere"));
    for (var round = 0; round < 30; round++) {
      care.tend();
    }
    assertThat(disks).containsExactly("/data/docker", "/elsewhere");
  }

  @Test
  void on_a_full_disk_what_no_revision_needs_goes_and_nothing_else() throws InterruptedException {
    care(s -> LIMIT).tend();
    assertThat(shelf.left()).containsExactly("image/gate:1", "image/redis:1", "other/gate:0");
    assertThat(rig.events)
        .filteredOn(e -> e.subject().equals("image image/gate:0"))
        .singleElement()
        .satisfies(e -> {
          assertThat(e.what()).isEqualTo("removed");
          assertThat(e.why())
              .isEqualTo("no revision needs it, and the filesystem of the engine is 85.0 % full");
        });
  }

  @Test
  void no_more_is_removed_than_gives_room_and_the_oldest_first() throws InterruptedException {
    care(s -> s.left().size() == 5 ? 90 : 80).tend();
    assertThat(shelf.left()).doesNotContain("image/gate:0").contains("image/redis:0");
  }

  @Test
  void one_that_came_into_use_is_left_alone() throws InterruptedException {
    shelf.use("image/gate:0");
    care(s -> 99).tend();
    assertThat(shelf.left()).contains("image/gate:0").doesNotContain("image/redis:0");
  }

  @Test
  void the_last_known_good_revision_keeps_its_images_while_another_is_tried()
      throws InterruptedException {
    rig.images("2");
    rig.sick.add("gate");
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.report().revision().filter(r -> r.id().equals("r2")).isPresent());
    care(s -> 99).tend();
    assertThat(shelf.left()).contains("image/gate:1", "image/redis:1");
  }

  @Test
  void the_bytes_that_were_proven_are_kept_though_their_tag_moved() throws InterruptedException {
    rig.until(() -> rig.archived.isPresent());
    care(s -> 99).tend();
    assertThat(rig.archived.orElseThrow().images()).hasSize(3);
    assertThat(shelf.needed()).containsAll(rig.archived.orElseThrow().images().values());
  }

  @Test
  void while_the_engine_cannot_be_read_nothing_is_removed() throws InterruptedException {
    rig.engine.unavailable("it hangs");
    rig.until(() -> !rig.report().engine().orElseThrow().reachable());
    care(s -> 99).tend();
    assertThat(shelf.left()).hasSize(5);
  }

  @Test
  void repositories_of_the_next_revision_are_remembered_though_there_is_room()
      throws InterruptedException {
    var care = care(s -> 10);
    care.tend();
    care.tend();
    assertThat(repositories()).doesNotContain("image/orca");
    rig.engine.image("image/orca:1");
    rig.give(withOrca("r2", "1"));
    rig.until(() -> rig.report().revision().filter(r -> r.id().equals("r2")).isPresent());

    care.tend();

    assertThat(repositories()).contains("image/orca", "image/front50");
  }

  private String repositories() {
    return new String(
        rig.state.getOrDefault("image-repositories", new byte[0]), StandardCharsets.UTF_8);
  }

  @Test
  void repositories_of_earlier_revisions_are_remembered() throws InterruptedException {
    rig.state.put("image-repositories", "other/gate\n".getBytes(StandardCharsets.UTF_8));
    care(s -> 99).tend();
    assertThat(shelf.left()).doesNotContain("other/gate:0");
    assertThat(repositories()).isEqualTo("image/front50\nimage/gate\nimage/redis\nother/gate\n");
  }
}
