package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Unicode's line breaks beside others, by the rule of the reference's scanner (`scannerc.go` of
/// go-yaml 3, where it joins the lines of a scalar): a first break that is a line feed becomes a
/// blank if it is alone and nothing if others follow, any other one is kept, and so are all further
/// ones. L is U+2028, P U+2029, N U+0085, n a line feed with an indentation, as plain text has it
/// after all of them.
class LineBreaksTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "aLnb   | aLnb",
        "aLnnb  | aLnnb",
        "anLb   | aLb",
        "annLb  | anLb",
        "aLnLb  | aLnLb",
        "aPnLnb | aPnLnb",
        "aNLb   | aLb",
        "aLNb   | aLnb",
        "anb    | a b",
        "annb   | anb",
      })
  void breaks_are_joined_as_in_the_reference(String written, String read) {
    var said = written.replace("n", "\n      ");
    var plain = said.replaceAll("[LPN]", "$0      ");
    for (var scalar : List.of("\"" + said + "\"", "'" + said + "'", plain)) {
      var service =
          Loading.service(
              "services:\n  a:\n    image: i\n    command:\n    - " + breaks(scalar) + "\n");
      assertThat(service.container().command().command())
          .as(scalar)
          .containsExactly(breaks(read.replace("n", "\n")));
    }
  }

  /// What stands in a block scalar, whose lines are indented by 8, or a comment after its header.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "literal  | aLbn       | aLbn",
        "literal  | aLnbn      | aLnbn",
        "literal  | anPbn      | anPbn",
        "literal  | aNbL       | anbL",
        "literal  | aLLn       | aL",
        "literal- | aLbLn      | aLb",
        "literal+ | aLbLnL     | aLbLnL",
        "literal  | LaLn       | LaL",
        "literal  | #cLaPbn    | aPbn",
        "folded   | aLbn       | aLbn",
        "folded   | anbLcn     | a bLcn",
        "folded   | anLbn      | aLbn",
        "folded   | aLnnbn     | aLnnbn",
        "folded-  | anbPn      | a b",
        "folded+  | anbPnn     | a bPnn",
      })
  void a_block_scalar_keeps_them(String style, String written, String read) {
    var header = style.replace("literal", "|").replace("folded", ">");
    var body = written.startsWith("#") ? written : "n" + written;
    var lines = body.replaceAll("([LPNn])(?=[abc])", "$1        ").replace("n", "\n");
    var service =
        Loading.service(
            "services:\n  a:\n    command:\n    - " + header + breaks(lines) + "    image: i\n");
    assertThat(service.container().command().command())
        .containsExactly(breaks(read.replace("n", "\n")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"aL        b: v", "\"aL\": v", "'aL        b': v", "{\"aL\": v}", "{aLb: v}"})
  void no_key_goes_over_several_lines(String labels) {
    var yaml = "services:\n  a:\n    image: i\n    labels:\n      " + breaks(labels) + "\n";
    assertThat(Loading.problems(Loading.load(Map.of(Loading.FILE, yaml), Map.of())))
        .singleElement()
        .asString()
        .contains("compose.yaml:5:", "a key goes over several lines");
  }

  private static String breaks(String text) {
    return text.replace('L', '\u2028').replace('P', '\u2029').replace('N', '\u0085');
  }

  /// Below what is no folder, the reference gets another error than that of a file that is not
  /// there.
  @Test
  void an_env_file_below_a_plain_file_is_no_absent_one() {
    var yaml = "services: {a: {image: i, env_file: [{path: plain/e, required: false}]}}";
    var plain = Map.of(Loading.FILE, yaml, "/p/plain", "A=1");
    assertThat(Loading.problems(Loading.load(plain, Map.of())))
        .singleElement()
        .asString()
        .contains("/p/plain/e does not exist");
    Loading.loaded(Loading.load(Map.of(Loading.FILE, yaml, "/p/plain/x", "A=1"), Map.of()));
    Loading.loaded(Loading.load(Map.of(Loading.FILE, yaml), Map.of()));
  }
}
