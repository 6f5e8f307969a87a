package io.armory.agent.rig;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// AWS as the moto server plays it, in region `us-east-1`: `src/test/rig/aws_server.py` says what
/// is added. Tests put things there with boto3 or the AWS CLI.
public final class MotoServer extends RigProcess {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Starting one takes seconds of a processor: the next class of this process takes it over,
  /// reset, with its boto3. It ends with the process.
  private static final Queue<Idle> IDLE = new ConcurrentLinkedQueue<>();

  private final boolean lasts;
  private @Nullable Process boto;

  private record Idle(Serving serving, @Nullable Process boto) {}

  public MotoServer() {
    this(Optional.ofNullable(IDLE.poll()).orElseGet(() -> new Idle(start("aws_server.py"), null)));
  }

  private MotoServer(Idle idle) {
    super(idle.serving());
    boto = idle.boto();
    lasts = true;
  }

  /// With so many parameters below `path/env`, every tenth a `SecureString`.
  public MotoServer(int parameters, String path) {
    super(start("aws_server.py", "--many", Integer.toString(parameters), path));
    lasts = false;
  }

  /// For `AWS_ENDPOINT_URL`.
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port(0));
  }

  /// One call of boto3.
  ///
  /// @param method boto3's, such as `put_parameter`
  public record Call(String service, String method, Map<String, ?> arguments) {}

  public JsonNode boto(String service, String method, Map<String, ?> arguments) {
    return boto(List.of(new Call(service, method, arguments))).get(0);
  }

  /// The answers, in order. One boto3 process serves all calls: starting one takes a second.
  public synchronized JsonNode boto(List<Call> calls) {
    try {
      var list = calls.stream().map(c -> List.of(c.service(), c.method(), c.arguments())).toList();
      var process = boto == null ? startBoto() : boto;
      boto = process;
      process.outputWriter(StandardCharsets.UTF_8).append(JSON.writeValueAsString(list) + "\n");
      process.outputWriter(StandardCharsets.UTF_8).flush();
      var line = process.inputReader(StandardCharsets.UTF_8).readLine();
      if (line == null || line.startsWith("{\"error\"")) {
        throw new IllegalStateException(list + ": " + (line == null ? "boto.py ended" : line));
      }
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process startBoto() throws IOException {
    return new ProcessBuilder("python3", "src/test/rig/boto.py", endpoint().toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Override
  public void close() {
    if (lasts) {
      reset();
      IDLE.add(new Idle(serving(), boto));
      return;
    }
    var process = boto;
    if (process != null) {
      process.destroyForcibly();
    }
    super.close();
  }

  /// Puts plain parameters, over those that are there.
  public void put(Map<String, String> parameters) {
    put("String", parameters);
  }

  public void putSecret(String name, String value) {
    put("SecureString", Map.of(name, value));
  }

  /// As [#putSecret], by a key of one's own.
  public void putSecret(String name, String value, String key) {
    boto(
        "ssm",
        "put_parameter",
        Map.of(
            "Name", name, "Value", value, "Type", "SecureString", "KeyId", key, "Overwrite", true));
  }

  /// Whoever asks may not decrypt with these keys of KMS.
  public void denyKeys(List<String> keys) {
    tell("/rig/keys", keys);
  }

  private void put(String type, Map<String, String> parameters) {
    boto(
        parameters.entrySet().stream()
            .map(p ->
                new Call(
                    "ssm",
                    "put_parameter",
                    Map.of(
                        "Name",
                        p.getKey(),
                        "Value",
                        p.getValue(),
                        "Type",
                        type,
                        "Overwrite",
                        true)))
            .toList());
  }

  /// Runs the AWS CLI.
  public String cli(String... arguments) {
    var command = new ArrayList<>(List.of("aws", "--endpoint-url", endpoint().toString()));
    command.addAll(List.of("--region", "us-east-1", "--output", "json"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private static String run(List<String> command) {
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("AWS_ACCESS_KEY_ID", "test");
      builder.environment().put("AWS_SECRET_ACCESS_KEY", "test");
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(command + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// Makes an Auto Scaling group.
  ///
  /// @return its instances' IDs
  public List<String> group(String name, int size) {
    var launch =
        Map.of(
            "LaunchConfigurationName", name, "ImageId", "ami-12c6146b", "InstanceType", "m5.large");
    var group = new LinkedHashMap<String, Object>();
    group.put("AutoScalingGroupName", name);
    group.put("LaunchConfigurationName", name);
    group.put("MinSize", 0);
    group.put("MaxSize", size);
    group.put("DesiredCapacity", size);
    group.put("AvailabilityZones", List.of("us-east-1a"));
    var answers =
        boto(
            List.of(
                new Call("autoscaling", "create_launch_configuration", launch),
                new Call("autoscaling", "create_auto_scaling_group", group),
                new Call("autoscaling", "describe_auto_scaling_instances", Map.of())));
    var ids = new ArrayList<String>();
    for (var instance : answers.get(2).path("AutoScalingInstances")) {
      if (instance.path("AutoScalingGroupName").asText().equals(name)) {
        ids.add(instance.path("InstanceId").asText());
      }
    }
    return ids;
  }

  /// Gives a group the termination hook `drain`.
  public void terminationHook(String group, int heartbeatSeconds) {
    boto(
        "autoscaling",
        "put_lifecycle_hook",
        Map.of(
            "AutoScalingGroupName",
            group,
            "LifecycleHookName",
            "drain",
            "LifecycleTransition",
            "autoscaling:EC2_INSTANCE_TERMINATING",
            "HeartbeatTimeout",
            heartbeatSeconds));
  }

  /// The next calls of one operation go wrong.
  ///
  /// @param operation as IAM spells it
  /// @param what `throttle`, `deny`, `fail`, `hang`, `signature`, `drop`, `empty`, `garbage`,
  ///   `elsewhere` or `token`
  /// @param after so many calls go well first
  public void fault(String operation, String what, int after, int times) {
    faults(Map.of(operation, Map.of("do", what, "after", after, "times", times)));
  }

  /// The next calls of each of these operations go wrong.
  public void fault(Set<String> operations, String what, int times) {
    var all = new TreeMap<String, Object>();
    operations.forEach(o -> all.put(o, Map.of("do", what, "times", times)));
    faults(all);
  }

  private void faults(Map<String, ?> faults) {
    tell("/rig/faults", faults);
  }

  /// What the group says of an instance from now on, such as `Terminating:Wait`.
  public void state(String instance, String state) {
    tell("/rig/states", Map.of(instance, state));
  }

  /// The stand-in itself. Not `put`, which puts parameters.
  private void tell(String path, Object what) {
    try {
      ask("PUT", port(0), path, JSON.writeValueAsString(what));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  public void noFaults() {
    ask("PUT", port(0), "/rig/faults", "{}");
  }

  public int calls(String operation) {
    return tree("/rig/calls").path(operation).asInt();
  }

  /// Every operation called so far, as IAM spells it.
  public Set<String> operations() {
    var names = new TreeSet<String>();
    tree("/rig/calls").fieldNames().forEachRemaining(names::add);
    return names;
  }

  /// Lifecycle actions completed and heartbeaten, such as `complete drain CONTINUE`.
  public List<String> lifecycleActions() {
    var lines = new ArrayList<String>();
    tree("/rig/lifecycle")
        .forEach(a ->
            lines.add(
                (a.path("action").asText()
                        + " "
                        + a.path("hook").asText()
                        + " "
                        + a.path("result").asText(""))
                    .strip()));
    return lines;
  }

  public void reset() {
    ask("POST", port(0), "/rig/reset", "");
  }

  private JsonNode tree(String path) {
    try {
      return JSON.readTree(ask("GET", port(0), path, ""));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
