package io.armory.agent.reconcile.execute;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ProgressLine;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.ContainerEngine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Fetches every image of a stack, one after the other: for baking a machine image, or before a
/// change.
public final class ImagePuller {
  private ImagePuller() {}

  public static Outcome<String> all(
      ContainerEngine engine, Stack stack, Supplier<Instant> clock, Consumer<String> progress) {
    return pull(engine, images(stack), clock, progress);
  }

  /// Those alone that are not here: of a registry that is away, a node that has them needs nothing.
  public static Outcome<String> missing(ContainerEngine engine, Stack stack) {
    var images = images(stack);
    var scope = new ContainerEngine.Scope(stack.project(), images.keySet(), Set.of(), Set.of());
    return switch (engine.observe(scope)) {
      case Observation.Unavailable u -> Outcome.failed(Failure.Kind.UNREACHABLE, u.reason());
      case Observation.Observed seen -> {
        images.keySet().removeAll(seen.images().keySet());
        yield pull(engine, images, () -> Instant.EPOCH, line -> {});
      }
    };
  }

  private static Map<String, Service> images(Stack stack) {
    var images = new LinkedHashMap<String, Service>();
    stack
        .services()
        .values()
        .forEach(s -> s.container().images().forEach(image -> images.putIfAbsent(image, s)));
    return images;
  }

  private static Outcome<String> pull(
      ContainerEngine engine,
      Map<String, Service> images,
      Supplier<Instant> clock,
      Consumer<String> progress) {
    var line = new ProgressLine(progress, clock.get());
    var failed = new ArrayList<String>();
    var here = 0;
    for (var wanted : images.entrySet()) {
      var image = wanted.getKey();
      var count = "%d of %d images here".formatted(here, images.size());
      var end =
          pull(
              engine,
              image,
              wanted.getValue(),
              said -> line.tell(count, "pulling " + image + ", " + said, clock.get()));
      switch (end) {
        case Outcome.Done<String> _ -> here++;
        case Outcome.Failed<String>(var failure) -> {
          var why = failure.message();
          failed.add(why.contains(image) ? why : image + ": " + why);
          progress.accept(failed.getLast());
        }
      }
    }
    return failed.isEmpty()
        ? Outcome.done(images.size() + " images are here")
        : Outcome.failed(Failure.Kind.IMAGE_UNAVAILABLE, why(failed, images.size()));
  }

  private static Outcome<String> pull(
      ContainerEngine engine, String image, Service service, Consumer<String> progress) {
    if (service.pullPolicy() == Service.PullPolicy.Plain.NEVER) {
      return Outcome.done(image);
    }
    progress.accept("asking the registry");
    var container = service.container();
    // What is mounted is for any platform.
    var platform = image.equals(container.image()) ? container.platform() : null;
    var action = new Action.PullImage(service.name(), image, platform);
    return engine.execute(action, progress);
  }

  private static String why(List<String> failed, int all) {
    return failed.size() == 1
        ? failed.getFirst()
        : "%d of %d images are missing, the first: %s"
            .formatted(failed.size(), all, failed.getFirst());
  }
}
