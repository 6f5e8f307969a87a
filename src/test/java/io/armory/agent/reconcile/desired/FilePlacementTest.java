package io.armory.agent.reconcile.desired;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.NodeFiles;
import io.armory.agent.reconcile.DrainedEffects;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effects;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/// Whose files are on the node, when several revisions come close behind each other.
class FilePlacementTest {
  private final Effects effects = new Effects();
  private final FilePlacement placing =
      new FilePlacement(new Written(), effects, new SourceProblems());
  private final Queue<Effect.Write> writes = new ArrayDeque<>();
  private final Revision good = chain("r1", "1");
  private final Revision bad = chain("r2", "2");
  private final Revision next = chain("r3", "3");

  /// The sources give another one in the moment in which a release is given up.
  @Test
  void files_of_one_that_is_gone_back_to_are_not_taken_for_those_of_the_one_that_came_after() {
    placing.inForce(bad);
    ends();
    placing.ahead(next, _ -> placing.inForce(next));
    placing.inForce(good);
    ends();
    assertThat(placing.areThere()).as("of r1 were written last").isFalse();

    while (isUnderWay()) {
      ends();
    }
    assertThat(placing.areThere()).isTrue();
  }

  @Test
  void one_whose_files_were_put_ahead_is_ready_at_once() {
    placing.inForce(good);
    ends();
    placing.ahead(next, _ -> placing.inForce(next));
    ends();

    assertThat(placing.areThere()).isTrue();
    assertThat(isUnderWay()).isFalse();
  }

  private boolean isUnderWay() {
    DrainedEffects.of(effects).forEach(e -> writes.add((Effect.Write) e));
    return !writes.isEmpty();
  }

  /// The oldest write.
  private void ends() {
    assertThat(isUnderWay()).isTrue();
    var write = writes.remove();
    write.ended().accept(write.write().get());
  }

  private static final class Written implements NodeFiles {
    @Override
    public Outcome<String> put(List<RenderedFile> files) {
      return Outcome.done("");
    }

    @Override
    public boolean has(List<RenderedFile> files) {
      return true;
    }
  }
}
