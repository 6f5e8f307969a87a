package io.armory.agent.adapter.aws;

import io.armory.agent.adapter.aws.ParameterTree.Entry;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.port.ParameterSource;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.Parameter;
import software.amazon.awssdk.services.ssm.model.ParameterMetadata;
import software.amazon.awssdk.services.ssm.model.ParameterType;

/// The parameters of a node's stack in SSM: `PREFIX/default` and, over it, `PREFIX/STACK`.
///
/// What a reading costs: the first, one `GetParametersByPath` for every 10 parameters of each path,
/// at least one a path. Any later one, first one `DescribeParameters` for every 50 parameters of
/// both paths together, without a value or a decryption: names, versions and dates unchanged end it
/// there, with the very same [Parameters] as before. A node that may not describe parameters reads
/// the values every time, and asks now and then whether it may.
///
/// All nodes of an account share its rate: 40 reads a second by default; that of
/// `DescribeParameters` AWS does not publish. So whoever looks from time to time minds [#calls].
public final class SsmParameters implements ParameterSource {
  private static final Duration BUDGET = Duration.ofSeconds(90);
  private static final String UNREAD = "unread";
  private static final int NOT_ASKED_AGAIN_FOR = 60;

  private final AwsClients clients;
  private final Duration budget;
  private @Nullable Known known;

  /// The last value of each secret that could be read.
  private final Map<String, Entry> values = new ConcurrentHashMap<>();

  /// So many readings go by until the node asks again whether it may describe; 0: it asks.
  private int undescribed;

  public SsmParameters(AwsClients clients) {
    this(clients, BUDGET);
  }

  SsmParameters(AwsClients clients, Duration budget) {
    this.clients = clients;
    this.budget = budget;
  }

  /// What was read last, and by which names, versions and dates to know it again.
  private record Known(List<String> paths, List<String> marks, Parameters parameters) {}

  private record Subtree(List<String> marks, Parameters parameters) {}

  @Override
  public String name() {
    return "SSM Parameter Store";
  }

  @Override
  public synchronized Outcome<Parameters> read(NodeIdentity identity) {
    var region = clients.region(identity);
    if (region.isEmpty()) {
      return Outcome.failed(
          Kind.INVALID, "SSM: no region is known; set AWS_REGION or identity.region");
    }
    return AwsFailures.attempt("SSM", () -> clients.sdk().ssm(region.get()))
        .flatMap(ssm -> read(ssm, paths(identity)));
  }

  private Outcome<Parameters> read(SsmClient ssm, List<String> paths) {
    var before = known;
    undescribed = Math.max(0, undescribed - 1);
    if (before != null && before.paths().equals(paths) && undescribed == 0) {
      switch (marksNow(ssm, paths)) {
        case Outcome.Done<List<String>>(var marks) when marks.equals(before.marks()) -> {
          return Outcome.done(before.parameters());
        }
        case Outcome.Failed<List<String>>(var failure) when failure.kind() == Kind.DENIED -> {
          return readDenied(ssm, paths);
        }
        case Outcome.Failed<List<String>>(var failure) -> {
          return Outcome.failed(failure);
        }
        case Outcome.Done<List<String>> _ -> {
          // Something changed: read it.
        }
      }
    }
    return readAll(ssm, paths);
  }

  @Override
  public synchronized int calls() {
    var seen = known;
    return seen == null ? 0 : SsmPages.calls(seen.marks().size(), undescribed <= 1);
  }

  /// Credentials that have run out are denied this, too: it is for want of the permission only if
  /// the values may be read.
  private Outcome<Parameters> readDenied(SsmClient ssm, List<String> paths) {
    var read = readAll(ssm, paths);
    if (read instanceof Outcome.Done<Parameters>) {
      undescribed = NOT_ASKED_AGAIN_FOR;
    }
    return read;
  }

  static List<String> paths(NodeIdentity identity) {
    var prefix = identity.parameterPrefix().value();
    var stack = identity.stack().value();
    return stack.equals("default")
        ? List.of(prefix + "/default")
        : List.of(prefix + "/default", prefix + "/" + stack);
  }

  private Outcome<List<String>> marksNow(SsmClient ssm, List<String> paths) {
    return new SsmPages(ssm, budget).descriptions(paths).map(all -> sorted(marks(all)));
  }

  /// Both paths at once; either's failure is the failure of the whole.
  private Outcome<Parameters> readAll(SsmClient ssm, List<String> paths) {
    var trees = new ArrayList<Future<Outcome<Subtree>>>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      paths.forEach(path -> trees.add(executor.submit(() -> readPath(ssm, path))));
    }
    var marks = new ArrayList<String>();
    var parameters = Parameters.NONE;
    for (var tree : trees) {
      switch (tree.resultNow()) {
        case Outcome.Done<Subtree>(var subtree) -> {
          marks.addAll(subtree.marks());
          parameters = parameters.overlaidBy(subtree.parameters());
        }
        case Outcome.Failed<Subtree>(var failure) -> {
          return Outcome.failed(failure);
        }
      }
    }
    known = new Known(paths, sorted(marks), parameters);
    return Outcome.done(parameters);
  }

  private Outcome<Subtree> readPath(SsmClient ssm, String path) {
    var tree = new ParameterTree(path);
    var marks = new ArrayList<String>();
    var read =
        new SsmPages(ssm, budget)
            .values(
                path,
                p -> {
                  marks.add(mark(p.name(), p.typeAsString(), p.version(), p.lastModifiedDate()));
                  var entry = entry(p);
                  if (entry.secret()) {
                    values.put(entry.name(), entry);
                  }
                  tree.add(entry);
                });
    return switch (read) {
      case Outcome.Failed<Integer>(var failure) ->
          switch (failure.kind()) {
            case DENIED, INVALID -> readEach(ssm, path, failure);
            default -> Outcome.failed(failure);
          };
      case Outcome.Done<Integer> _ -> subtree(tree, marks);
    };
  }

  private static Outcome<Subtree> subtree(ParameterTree tree, List<String> marks) {
    return tree.result().map(found -> new Subtree(marks, found));
  }

  /// A page holds ten, and SSM refuses it for one of them: the others are read, and that one keeps
  /// the value it had.
  private Outcome<Subtree> readEach(SsmClient ssm, String path, Failure whole) {
    return new UndecryptedSecrets(new SsmPages(ssm, budget), path, whole)
        .read()
        .flatMap(read -> {
          var tree = new ParameterTree(path);
          read.known().values().forEach(p -> tree.add(entry(p)));
          for (var lost : read.unread().entrySet()) {
            var before = values.get(lost.getKey());
            if (before == null) {
              return Outcome.failed(
                  Kind.DENIED,
                  "ssm %s cannot be decrypted: %s".formatted(lost.getKey(), lost.getValue()));
            }
            tree.keep(before, lost.getValue());
          }
          // Unlike any mark, so that it is read again at the next look.
          return subtree(tree, List.of(UNREAD));
        });
  }

  private static Entry entry(Parameter p) {
    return new Entry(p.name(), p.value(), p.type() == ParameterType.SECURE_STRING, p.version());
  }

  private static List<String> marks(List<ParameterMetadata> all) {
    var marks = new ArrayList<String>(all.size());
    all.forEach(
        p -> marks.add(mark(p.name(), p.typeAsString(), p.version(), p.lastModifiedDate())));
    return marks;
  }

  /// A parameter deleted and put anew begins at version 1 again: the date tells. Whole seconds,
  /// because nothing promises that both calls round alike below.
  private static String mark(String name, String type, Long version, @Nullable Instant modified) {
    return name
        + " "
        + type
        + " "
        + version
        + " "
        + (modified == null ? "" : modified.truncatedTo(ChronoUnit.SECONDS).getEpochSecond());
  }

  private static List<String> sorted(List<String> marks) {
    Collections.sort(marks);
    return List.copyOf(marks);
  }
}
