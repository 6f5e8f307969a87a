package io.armory.agent.reconcile.execute;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.FakeEngine;
import io.armory.agent.reconcile.TestStacks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What whoever waits for the images of a stack is told.
class ImagePullerTest {
  private final FakeEngine engine = new FakeEngine();
  private final List<String> said = new ArrayList<>();

  @Test
  void each_image_is_named_with_how_many_are_here_and_what_failed_at_once() {
    var stack = TestStacks.chain("r1", "1").stack();
    var images =
        stack.services().values().stream().map(s -> s.container().image()).distinct().toList();
    images.stream().skip(1).forEach(engine::pullable);
    engine.failNext(
        1,
        a -> a instanceof Action.PullImage(_, var image, _) && image.equals(images.getFirst()),
        new Failure(Failure.Kind.IMAGE_UNAVAILABLE, "manifest unknown"));

    var end = ImagePuller.all(engine, stack, () -> Instant.EPOCH, said::add);

    assertThat(end).isInstanceOf(Outcome.Failed.class);
    assertThat(said.getFirst())
        .isEqualTo(
            "0 of %d images here, 0 s: pulling %s, asking the registry"
                .formatted(images.size(), images.getFirst()));
    assertThat(said.get(1)).isEqualTo(images.getFirst() + ": manifest unknown");
    assertThat(said.getLast())
        .startsWith("%d of %d images here".formatted(images.size() - 2, images.size()));
  }
}
