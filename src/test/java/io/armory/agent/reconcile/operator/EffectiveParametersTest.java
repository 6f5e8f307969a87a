package io.armory.agent.reconcile.operator;

import static io.armory.agent.reconcile.TestStacks.revision;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Revision;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EffectiveParametersTest {
  @Test
  void defaults_and_computed_values_are_shown_beside_what_was_said_and_warnings_with_them() {
    var one = revision("r1");
    var env =
        """
        # Every variable of this stack. Rendered: changes here are lost.
        # unused: HSOT is used nowhere; did you mean HOST?
        # default: /t/spinnaker.yml:11
        # GATE_JAVA_OPTS=
        # default: /t/spinnaker.yml:12
        # REDIS_PASSWORD=in-a-default
        # computed: share of this node's memory
        GATE_MEMORY=2048m
        # /env/default.env:1
        HOST=box
        # REDIS_URL is a secret
        """;
    var revision =
        new Revision(
            one.id(),
            one.role(),
            one.stack(),
            List.of(),
            "",
            env,
            List.of("of something else"),
            Optional.empty(),
            Map.of());
    var given =
        new Parameters(
            Map.of("HOST", new Parameter("HOST", new Plain("box"), "/env/default.env:1")),
            Map.of(),
            Map.of());

    var all = EffectiveParameters.of(revision, given);

    assertThat(all.variables().values())
        .extracting(p -> p.origin() + " " + p.name() + "=" + p.value().shown())
        .containsExactlyInAnyOrder(
            "default: /t/spinnaker.yml:11 GATE_JAVA_OPTS=",
            "default: /t/spinnaker.yml:12 REDIS_PASSWORD=********",
            "computed: share of this node's memory GATE_MEMORY=2048m",
            "/env/default.env:1 HOST=box");
    assertThat(all.problems())
        .extracting(Problem::what)
        .containsExactly("HSOT is used nowhere; did you mean HOST?");
  }
}
