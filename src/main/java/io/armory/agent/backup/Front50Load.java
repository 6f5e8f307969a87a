package io.armory.agent.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Front50;
import io.armory.agent.port.Workload.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// front50's objects as it gives and takes them itself, so that they get from any of its stores
/// into any other. What it says it took is read back: a batch passes over what it does not like.
///
/// @param at front50
record Front50Load(Front50 front50, Endpoint at) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// One sort of objects, in the order in which front50 must have them: a pipeline that is made of
  /// a template is refused without it.
  ///
  /// @param list where all are read
  /// @param save where one is written, or all at once
  /// @param key what tells one from another
  private record Sort(String name, String list, String save, boolean atOnce, String key) {}

  private static final List<Sort> SORTS =
      List.of(
          new Sort(
              "applications",
              "/v2/applications?restricted=false",
              "/v2/applications/batch/applications",
              true,
              "name"),
          new Sort(
              "permissions",
              "/permissions/applications",
              "/permissions/applications",
              false,
              "name"),
          new Sort("service accounts", "/serviceAccounts", "/serviceAccounts", false, "name"),
          new Sort(
              "pipeline templates", "/v2/pipelineTemplates", "/v2/pipelineTemplates", false, "id"),
          new Sort(
              "pipelines", "/pipelines?restricted=false", "/pipelines/batchUpdate", true, "id"),
          new Sort("strategies", "/strategies", "/strategies/batchUpdate", true, "id"),
          new Sort("projects", "/v2/projects", "/v2/projects/batchUpdate", true, "id"),
          new Sort(
              "notifications",
              "/notifications",
              "/notifications/application/",
              false,
              "application"));

  /// What people miss first: where there is one of these, the store is in use.
  private static final Set<String> SIGNS = Set.of("applications", "pipelines");

  /// @return in words what there is
  Outcome<String> save(OutputStream to) {
    var all = JSON.createObjectNode();
    var words = new StringBuilder();
    for (var sort : SORTS) {
      switch (list(sort)) {
        case Outcome.Done<JsonNode>(var objects) -> {
          all.set(sort.name(), objects);
          if (SIGNS.contains(sort.name())) {
            words.append(words.isEmpty() ? "" : ", ").append(objects.size() + " " + sort.name());
          }
        }
        case Outcome.Failed<JsonNode>(var failure) -> {
          // A release that does not know the sort has none of it.
          if (failure.kind() != Kind.NOT_FOUND) {
            return Outcome.failed(failure);
          }
        }
      }
    }
    try {
      to.write(JSON.writeValueAsBytes(all));
      return Outcome.done(words.toString());
    } catch (IOException e) {
      return Outcome.failed(Kind.TRANSIENT, "front50: " + e.getMessage());
    }
  }

  private Outcome<JsonNode> list(Sort sort) {
    return front50
        .get(at, sort.list())
        .flatMap(body -> {
          try {
            var tree = JSON.readTree(body);
            return tree.isArray()
                ? Outcome.done(tree)
                : Outcome.failed(Kind.BROKEN, "front50 " + sort.list() + " gives no list");
          } catch (IOException e) {
            return Outcome.failed(Kind.BROKEN, "front50 " + sort.list() + " gives no JSON");
          }
        });
  }

  /// How many applications and pipelines there are.
  Outcome<Integer> present() {
    var n = 0;
    for (var sort : SORTS) {
      if (SIGNS.contains(sort.name())) {
        switch (list(sort)) {
          case Outcome.Done<JsonNode>(var objects) -> n += objects.size();
          case Outcome.Failed<JsonNode>(var failure) -> {
            return Outcome.failed(failure);
          }
        }
      }
    }
    return Outcome.done(n);
  }

  /// @return in words what was loaded
  Outcome<String> load(InputStream saved) throws IOException {
    var all = JSON.readTree(saved);
    var words = new StringBuilder();
    for (var sort : SORTS) {
      var objects = all.path(sort.name());
      if (objects.isEmpty()) {
        continue;
      }
      var why = sort.atOnce() ? post(sort.save(), objects) : each(sort, objects);
      switch (list(sort)) {
        case Outcome.Failed<JsonNode>(var failure) -> {
          return Outcome.failed(failure);
        }
        case Outcome.Done<JsonNode>(var there) -> {
          var missing = keys(sort, objects);
          missing.removeAll(keys(sort, there));
          if (!missing.isEmpty()) {
            return Outcome.failed(
                why == null ? Kind.BROKEN : why.kind(),
                "front50 did not take %d of %d %s, such as %s%s"
                    .formatted(
                        missing.size(),
                        objects.size(),
                        sort.name(),
                        missing.iterator().next(),
                        why == null ? "; see its log" : ": " + why.message()));
          }
        }
      }
      words.append(words.isEmpty() ? "" : ", ").append(objects.size() + " " + sort.name());
    }
    return Outcome.done(words.toString());
  }

  private @Nullable Failure post(String path, JsonNode body) {
    return front50.post(at, path, body.toString()).whyFailed().orElse(null);
  }

  private @Nullable Failure each(Sort sort, JsonNode objects) {
    Failure last = null;
    for (var object : objects) {
      var key = object.path(sort.key()).asText();
      var path =
          !sort.save().endsWith("/")
              ? sort.save()
              : key.isEmpty()
                  ? "/notifications/global"
                  : sort.save() + URLEncoder.encode(key, StandardCharsets.UTF_8);
      var why = post(path, object);
      last = why == null ? last : why;
    }
    return last;
  }

  private static Set<String> keys(Sort sort, JsonNode objects) {
    var keys = new TreeSet<String>();
    objects.forEach(o -> keys.add(o.path(sort.key()).asText().toLowerCase(Locale.ROOT)));
    return keys;
  }
}
