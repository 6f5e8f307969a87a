package io.armory.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Front50;
import io.armory.agent.port.Workload.Endpoint;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// front50's objects out of one front50 and into another, as its sources say it takes them.
class Front50LoadTest {
  private static final Endpoint AT = new Endpoint("front50", "127.0.0.1", 8080);
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Keeps lists by their path. A batch says that it took what it did not.
  private static final class Store implements Front50 {
    final Map<String, ArrayNode> lists = new TreeMap<>();
    String passesOver = "nothing";

    Store with(String path, String json) {
      try {
        lists.put(path, (ArrayNode) JSON.readTree(json));
        return this;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public Outcome<String> get(Endpoint front50, String path) {
      var list = lists.get(path.replaceFirst("\\?.*", ""));
      return list == null
          ? Outcome.failed(Kind.NOT_FOUND, path + " answers 404")
          : Outcome.done(list.toString());
    }

    @Override
    public Outcome<String> post(Endpoint front50, String path, String json) {
      var list =
          lists.get(path.replaceFirst("/(batch/applications|batchUpdate|application/.*)", ""));
      if (list == null) {
        return Outcome.failed(Kind.NOT_FOUND, path + " answers 404");
      }
      try {
        var tree = JSON.readTree(json);
        var all = tree.isArray() ? tree : JSON.createArrayNode().add(tree);
        all.forEach(o -> {
          if (!o.path("name").asText().equals(passesOver)) {
            list.add(o);
          }
        });
        return Outcome.done("");
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static Store empty() {
    return new Store()
        .with("/v2/applications", "[]")
        .with("/pipelines", "[]")
        .with("/v2/projects", "[]")
        .with("/notifications", "[]");
  }

  private static byte[] saved() {
    var from =
        new Store()
            .with("/v2/applications", "[{\"name\":\"SHOP\"}]")
            .with("/pipelines", "[{\"id\":\"p1\",\"name\":\"deploy\",\"application\":\"shop\"}]")
            .with("/v2/projects", "[{\"id\":\"j1\",\"name\":\"all\"}]")
            .with("/notifications", "[{\"application\":\"shop\"}]");
    var out = new ByteArrayOutputStream();
    assertThat(new Front50Load(from, AT).save(out))
        .isEqualTo(Outcome.done("1 applications, 1 pipelines"));
    return out.toByteArray();
  }

  @Test
  void all_that_one_has_gets_into_another_with_its_ids() throws IOException {
    var to = empty();
    var load = new Front50Load(to, AT);
    assertThat(load.present()).isEqualTo(Outcome.done(0));
    assertThat(load.load(new ByteArrayInputStream(saved())))
        .isEqualTo(Outcome.done("1 applications, 1 pipelines, 1 projects, 1 notifications"));
    assertThat(String.valueOf(to.lists.get("/pipelines"))).contains("\"id\":\"p1\"");
    assertThat(load.present()).isEqualTo(Outcome.done(2));
  }

  @Test
  void what_front50_passed_over_is_named() throws IOException {
    var to = empty();
    to.passesOver = "deploy";
    var why = new Front50Load(to, AT).load(new ByteArrayInputStream(saved())).whyFailed();
    assertThat(why.orElseThrow().message())
        .contains("front50 did not take 1 of 1 pipelines, such as p1");
  }
}
