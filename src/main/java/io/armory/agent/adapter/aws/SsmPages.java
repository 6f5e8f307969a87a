package io.armory.agent.adapter.aws;

import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.DescribeParametersRequest;
import software.amazon.awssdk.services.ssm.model.GetParametersByPathRequest;
import software.amazon.awssdk.services.ssm.model.Parameter;
import software.amazon.awssdk.services.ssm.model.ParameterMetadata;
import software.amazon.awssdk.services.ssm.model.ParameterStringFilter;
import software.amazon.awssdk.services.ssm.model.ParameterType;

/// Every page of an answer of SSM, or a failure; never some of the pages. SSM throttles a long
/// reading (40 pages a second for the whole account by default), so a page that fails in passing is
/// asked for again, after the SDK's own tries, until the budget is spent.
final class SsmPages {
  /// SSM's most for one page of each call.
  private static final int VALUES = 10;

  private static final int DESCRIPTIONS = 50;

  /// Of one path: twice as many as an account has of the standard kind.
  private static final int MOST = 20_000;

  /// Characters of all values of one path, beside which the agent's heap has room for the rest.
  private static final long MOST_TEXT = 24L * 1024 * 1024;

  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(4));

  private final SsmClient ssm;
  private final long deadline;
  private long text;

  /// @param budget for all pages together
  SsmPages(SsmClient ssm, Duration budget) {
    this.ssm = ssm;
    this.deadline = System.nanoTime() + budget.toNanos();
  }

  /// How many calls it takes to see so many parameters, by their descriptions or their values.
  static int calls(int parameters, boolean described) {
    return Math.ceilDiv(parameters, described ? DESCRIPTIONS : VALUES);
  }

  private record Page<T>(List<T> items, @Nullable String next) {}

  /// SSM says an empty list where there is nothing: no list at all is somebody else's answer, and
  /// must not be taken for "no parameters".
  private static <T> Page<T> page(
      boolean listed, List<T> items, Predicate<T> isOne, @Nullable String next) {
    if (!listed) {
      throw AwsFailures.foreign("the answer holds no list of parameters");
    }
    if (!items.stream().allMatch(isOne)) {
      throw AwsFailures.foreign("the answer holds what is no parameter of those asked for");
    }
    return new Page<>(items, next);
  }

  private static boolean isBelow(List<String> paths, @Nullable String name) {
    return name != null && paths.stream().anyMatch(p -> name.startsWith(p + "/"));
  }

  /// Values, decrypted, of all parameters below a path.
  Outcome<Integer> values(String path, Consumer<Parameter> each) {
    return values(path, true, List.of(), each);
  }

  /// As they are stored: a secret's value is of no use.
  Outcome<Integer> undecrypted(String path, Consumer<Parameter> each) {
    return values(path, false, List.of(), each);
  }

  /// Of those that one key of KMS encrypts.
  Outcome<Integer> valuesOf(String path, String key, Consumer<Parameter> each) {
    var filter = ParameterStringFilter.builder().key("KeyId").option("Equals").values(key).build();
    return values(path, true, List.of(filter), each);
  }

  private Outcome<Integer> values(
      String path, boolean decrypt, List<ParameterStringFilter> filters, Consumer<Parameter> each) {
    return all(
        "ssm:GetParametersByPath " + path,
        token -> {
          var answer =
              ssm.getParametersByPath(
                  GetParametersByPathRequest.builder()
                      .path(path)
                      .recursive(true)
                      .withDecryption(decrypt)
                      .parameterFilters(filters)
                      .maxResults(VALUES)
                      .nextToken(token)
                      .build());
          answer.parameters().forEach(p -> text += p.value() == null ? 0 : p.value().length());
          return page(
              answer.hasParameters(),
              answer.parameters(),
              p ->
                  isBelow(List.of(path), p.name())
                      && p.value() != null
                      && p.version() != null
                      && ParameterType.knownValues().contains(p.type()),
              answer.nextToken());
        },
        each);
  }

  /// Names and versions, without values, of all parameters below some paths.
  Outcome<List<ParameterMetadata>> descriptions(List<String> paths) {
    var found = new ArrayList<ParameterMetadata>();
    var filter =
        ParameterStringFilter.builder().key("Path").option("Recursive").values(paths).build();
    var outcome =
        all(
            "ssm:DescribeParameters " + String.join(", ", paths),
            token -> {
              var answer =
                  ssm.describeParameters(
                      DescribeParametersRequest.builder()
                          .parameterFilters(filter)
                          .maxResults(DESCRIPTIONS)
                          .nextToken(token)
                          .build());
              return page(
                  answer.hasParameters(),
                  answer.parameters(),
                  p -> isBelow(paths, p.name()) && p.version() != null,
                  answer.nextToken());
            },
            found::add);
    return outcome.map(_ -> found);
  }

  private <T> Outcome<Integer> all(
      String what, Function<@Nullable String, Page<T>> ask, Consumer<T> each) {
    @Nullable String token = null;
    var items = 0;
    for (var pages = 1; ; pages++) {
      var asked = token;
      switch (patiently(what, pages, () -> ask.apply(asked))) {
        case Outcome.Failed<Page<T>>(var failure) -> {
          return Outcome.failed(onPage(failure, pages));
        }
        case Outcome.Done<Page<T>>(var page) -> {
          page.items().forEach(each);
          items += page.items().size();
          if (items > MOST || text > MOST_TEXT) {
            return Outcome.failed(
                Kind.TRANSIENT,
                "%s: more than %d parameters, or %d MiB of them"
                    .formatted(what, MOST, MOST_TEXT >> 20));
          }
          var next = page.next();
          if (next == null || next.isEmpty()) {
            return Outcome.done(pages);
          }
          if (Objects.equals(next, token)) {
            return Outcome.failed(
                Kind.TRANSIENT, what + ": page " + pages + " names itself as next");
          }
          token = next;
        }
      }
    }
  }

  private <T> Outcome<T> patiently(String what, int page, Supplier<T> call) {
    for (var attempt = 1; ; attempt++) {
      if (System.nanoTime() > deadline) {
        return Outcome.failed(Kind.TIMEOUT, what + ": too many pages for the time");
      }
      var outcome = AwsFailures.attempt(what, call);
      if (!(outcome instanceof Outcome.Failed<T>(var failure))
          || !passes(failure.kind(), page)
          || !paused(attempt)) {
        return outcome;
      }
    }
  }

  /// A page late after others that came is throttling: the SDK waits out a throttled call within
  /// its deadline.
  private static boolean passes(Kind kind, int page) {
    return kind == Kind.TRANSIENT || (kind == Kind.TIMEOUT && page > 1);
  }

  private boolean paused(int attempt) {
    var pause = Backoff.spread(BACKOFF.after(attempt), 0.5, 1, ThreadLocalRandom.current());
    if (System.nanoTime() + pause.toNanos() > deadline) {
      return false;
    }
    try {
      Thread.sleep(pause);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static Failure onPage(Failure failure, int page) {
    return page == 1
        ? failure
        : new Failure(failure.kind(), failure.message() + " (page " + page + ")");
  }
}
