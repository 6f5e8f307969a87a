package io.armory.agent.adapter.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// Several questions asked at once, their answers in the order of the questions.
final class Futures {
  private Futures() {}

  static <T> CompletableFuture<Map<String, T>> inOrder(
      List<String> names, Function<String, CompletableFuture<T>> ask) {
    var asked = new ArrayList<CompletableFuture<T>>();
    names.forEach(name -> asked.add(ask.apply(name)));
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenApply(_ -> {
          var values = new LinkedHashMap<String, T>();
          for (var i = 0; i < names.size(); i++) {
            values.put(names.get(i), asked.get(i).join());
          }
          return values;
        });
  }
}
