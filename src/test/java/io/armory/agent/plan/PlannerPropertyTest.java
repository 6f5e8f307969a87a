package io.armory.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Intents;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What holds for every stack on every node, with failures, lost answers and kills at any point. A
/// failure names the seed and shows what was done.
@Tag("clockless")
class PlannerPropertyTest {
  @Test
  void applying_plans_converges_from_anything_left_on_the_node() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      Runs.converge(agent, 0);
      Expect.assertAsDesired(agent);
    });
  }

  @Test
  void failures_lost_answers_and_kills_at_any_point_lead_to_the_same_end() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      Runs.converge(agent, 8);
      Expect.assertAsDesired(agent);
    });
  }

  @Test
  void planning_at_the_fixpoint_is_empty() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      Runs.converge(agent, 4);
      for (int i = 0; i < 3; i++) {
        agent.clock.advance(Duration.ofMinutes(10));
        assertThat(agent.plan().steps()).as("steps").isEmpty();
        assertThat(agent.plan().waits()).as("waits").isEmpty();
      }
    });
  }

  @Test
  void the_order_of_what_was_observed_is_irrelevant() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      agent.before =
          (observed, step) -> {
            var inOrder = agent.situation(observed, Set.of());
            var desired = agent.desired;
            agent.desired = Runs.shuffled(desired, seed);
            var shuffled = agent.situation(Runs.shuffled(observed, seed), Set.of());
            agent.desired = desired;
            assertThat(PlanText.write(Planner.plan(shuffled)))
                .isEqualTo(PlanText.write(Planner.plan(inOrder)));
          };
      Runs.converge(agent, 0);
    });
  }

  @Test
  void containers_of_others_and_orphans_are_untouched() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      var theirs = Expect.others(agent.engine);
      Runs.converge(agent, 8);
      assertThat(theirs).hasSize(3);
      assertThat(Expect.others(agent.engine)).isEqualTo(theirs);
    });
  }

  @Test
  void dependencies_precede_dependents_on_a_cold_start() {
    Runs.seeds(seed -> {
      var agent = Runs.fresh(seed, false);
      agent.before =
          (observed, step) -> {
            if (step.action() instanceof Action.StartContainer start) {
              Expect.assertDependenciesHold(agent, observed, start.service());
            }
          };
      Runs.converge(agent, 4);
      Expect.assertAsDesired(agent);
    });
  }

  @Test
  void no_two_containers_of_one_place_are_ever_started() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      agent.before =
          (observed, step) -> {
            if (step.action() instanceof Action.StartContainer start) {
              var mine = observed.container(start.id()).orElseThrow();
              if (agent.service(mine.service()).startFirst()) {
                return;
              }
              assertThat(observed.containers())
                  .as("running in the place of %s", start.name())
                  .noneMatch(c ->
                      c.service().equals(mine.service())
                          && c.number() == mine.number()
                          && Slot.isActive(c));
            }
          };
      Runs.converge(agent, 8);
    });
  }

  @Test
  void what_runs_is_not_stopped_while_its_replacement_does_not_exist() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      agent.before =
          (observed, step) -> {
            if (step.action() instanceof Action.StopContainer stop) {
              Expect.assertReplacementExists(agent, observed, stop);
            }
          };
      Runs.converge(agent, 8);
    });
  }

  @Test
  void nothing_is_stopped_while_an_image_is_missing() {
    Runs.seeds(seed -> {
      var agent = Runs.fresh(seed, false);
      Runs.converge(agent, 0);
      Runs.adoptAnother(agent, seed, false);
      agent.before =
          (observed, step) -> {
            if (step.cause().text().startsWith("makes way")) {
              assertThat(observed.images().keySet())
                  .containsAll(
                      agent.desired.services().values().stream()
                          .filter(s -> Expect.lacksContainer(s, observed))
                          .map(s -> s.container().image())
                          .toList());
            }
          };
      Runs.converge(agent, 4);
    });
  }

  @Test
  void at_most_one_place_is_being_replaced_at_a_time() {
    Runs.seeds(seed -> {
      var agent = Runs.fresh(seed, true);
      Runs.converge(agent, 0);
      Runs.adoptAnother(agent, seed, true);
      var serving = Expect.places(agent, agent.observed());
      agent.after =
          (observed, step) -> {
            var down = new HashSet<>(serving);
            down.retainAll(Expect.wantedPlaces(agent));
            down.removeAll(Expect.places(agent, observed));
            assertThat(down).as("places that served before, after %s", step).hasSizeLessThan(2);
          };
      Runs.converge(agent, 4);
      Expect.assertAsDesired(agent);
    });
  }

  @Test
  void what_starts_first_is_found_by_its_name_throughout_a_release_and_on_the_way_back() {
    Runs.seeds(seed -> {
      var agent = Runs.fresh(seed, true);
      Runs.converge(agent, 0);
      var good = agent.desired;
      Runs.adoptAnother(agent, seed, true);
      foundThroughout(agent);
      agent.run(3 + Runs.random(seed).nextInt(60), 4);
      agent.adopt(good);
      foundThroughout(agent);
      Runs.converge(agent, 4);
      Expect.assertAsDesired(agent);
    });
  }

  private static void foundThroughout(TinyAgent agent) {
    var found = Expect.found(agent, agent.observed());
    found.retainAll(Expect.wantedPlaces(agent));
    agent.after =
        (observed, step) ->
            assertThat(Expect.found(agent, observed))
                .as("found by their names after %s", step)
                .containsAll(found);
  }

  @Test
  void going_back_in_the_middle_of_a_rollout_converges_and_takes_down_one_place_at_a_time() {
    Runs.seeds(seed -> {
      var agent = Runs.fresh(seed, true);
      Runs.converge(agent, 0);
      var good = agent.desired;
      var serving = Expect.places(agent, agent.observed());
      Runs.adoptAnother(agent, seed, true);
      agent.run(3 + Runs.random(seed).nextInt(20), 4);
      agent.adopt(good);
      Runs.converge(agent, 4);
      Expect.assertAsDesired(agent);
      assertThat(Expect.places(agent, agent.observed())).isEqualTo(serving);
    });
  }

  @Test
  void no_volume_is_ever_lost() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      var before = agent.observed().volumes();
      Runs.converge(agent, 8);
      assertThat(agent.observed().volumes()).containsAll(before).isNotEmpty();
    });
  }

  @Test
  void what_an_operator_stopped_is_down_and_comes_back_when_started() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      Runs.converge(agent, 0);
      var random = Runs.random(seed);
      var stopped = new HashMap<String, Intents.Stopped>();
      for (var s : agent.desired.services().keySet()) {
        if (random.nextBoolean()) {
          stopped.put(s, new Intents.Stopped("alice", agent.now()));
        }
      }
      agent.intents = new Intents(stopped, Map.of(), false);
      assertThat(agent.run(Runs.ROUNDS, 4)).isTrue();
      assertThat(agent.observed().containers())
          .noneMatch(c -> stopped.containsKey(c.service()) && Slot.isActive(c));
      agent.intents = Intents.NONE;
      Runs.converge(agent, 4);
      Expect.assertAsDesired(agent);
    });
  }

  @Test
  void a_restart_of_everything_ends_with_everything_younger_and_well() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      Runs.converge(agent, 0);
      var asked = agent.now().plusMillis(1);
      var restarts = new HashMap<String, Instant>();
      agent.desired.services().keySet().forEach(s -> restarts.put(s, asked));
      agent.intents = new Intents(Map.of(), restarts, false);
      agent.clock.advance(Duration.ofMillis(1));
      Runs.converge(agent, 4);
      Expect.assertAsDesired(agent);
      assertThat(Expect.ours(agent))
          .filteredOn(Container::running)
          .allSatisfy(c -> assertThat(c.startedAt()).isAfterOrEqualTo(asked));
    });
  }

  @Test
  void orphans_go_on_request_and_nothing_else_does() {
    Runs.seeds(seed -> {
      var agent = Runs.littered(seed, false);
      agent.intents = new Intents(Map.of(), Map.of(), true);
      Runs.converge(agent, 4);
      Expect.assertAsDesired(agent);
      assertThat(Expect.others(agent.engine))
          .extracting(Container::id)
          .containsExactly("foreign-1", "foreign-2");
    });
  }
}
