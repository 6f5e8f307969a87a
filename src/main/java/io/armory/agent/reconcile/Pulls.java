package io.armory.agent.reconcile;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Service;
import io.armory.agent.domain.Stack;
import io.armory.agent.port.ContainerEngine;
import java.util.LinkedHashMap;
import java.util.function.Consumer;

/// Fetches every image of a stack, one after the other: for baking a machine image, or before a
/// change.
public final class Pulls {
  private Pulls() {}

  public static Outcome<String> all(
      ContainerEngine engine, Stack stack, Consumer<String> progress) {
    var images = new LinkedHashMap<String, Service>();
    stack.services().values().forEach(s -> images.putIfAbsent(s.container().image(), s));
    var failed = new StringBuilder();
    images.forEach((image, service) -> {
      if (service.pullPolicy() == Service.PullPolicy.NEVER) {
        progress.accept(image + ": pull_policy is never");
        return;
      }
      var action = new Action.PullImage(service.name(), image, service.container().platform());
      switch (engine.execute(action, line -> progress.accept(image + ": " + line))) {
        case Outcome.Done<String> _ -> progress.accept(image + ": here");
        case Outcome.Failed<String>(var failure) -> {
          progress.accept(image + ": " + failure.message());
          failed.append(failed.isEmpty() ? "" : "; ").append(failure.message());
        }
      }
    });
    return failed.isEmpty()
        ? Outcome.done(images.size() + " images are here")
        : Outcome.failed(new Failure(Failure.Kind.IMAGE_UNAVAILABLE, failed.toString()));
  }
}
