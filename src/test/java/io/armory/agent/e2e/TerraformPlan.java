package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// What a plan would make, as `terraform show -json` says it.
///
/// @param resources with `address`, `type`, `name` and `values`
record TerraformPlan(List<JsonNode> resources) {
  TerraformPlan(JsonNode plan) {
    this(found(plan.at("/planned_values/root_module"), new ArrayList<>()));
  }

  private static List<JsonNode> found(JsonNode module, List<JsonNode> all) {
    module.path("resources").forEach(all::add);
    module.path("child_modules").forEach(child -> found(child, all));
    return all;
  }

  /// Of one module of the root.
  TerraformPlan of(String module) {
    return new TerraformPlan(
        resources.stream()
            .filter(r -> r.path("address").asText().startsWith(module + "."))
            .toList());
  }

  /// The values of every resource of the type.
  List<JsonNode> all(String type) {
    return resources.stream()
        .filter(r -> r.path("type").asText().equals(type))
        .map(r -> r.path("values"))
        .toList();
  }

  JsonNode only(String type, String name) {
    var found =
        resources.stream()
            .filter(r -> r.path("type").asText().equals(type))
            .filter(r -> r.path("name").asText().equals(name))
            .map(r -> r.path("values"))
            .toList();
    assertThat(found).as(type + "." + name).hasSize(1);
    return found.getFirst();
  }
}
