package io.armory.agent.config;

import io.armory.agent.config.AgentConfig.AsgHealth;
import io.armory.agent.config.AgentConfig.Aws;
import io.armory.agent.config.AgentConfig.Docker;
import io.armory.agent.config.AgentConfig.Drain;
import io.armory.agent.config.AgentConfig.Health;
import io.armory.agent.config.AgentConfig.Http;
import io.armory.agent.config.AgentConfig.Identity;
import io.armory.agent.config.AgentConfig.Images;
import io.armory.agent.config.AgentConfig.Located;
import io.armory.agent.config.AgentConfig.NotifyFormat;
import io.armory.agent.config.AgentConfig.ParameterSource;
import io.armory.agent.config.AgentConfig.Polling;
import io.armory.agent.config.AgentConfig.Repair;
import io.armory.agent.config.AgentConfig.Rollout;
import io.armory.agent.config.AgentConfig.Secrets;
import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.Alert;
import io.armory.agent.domain.AlertTemplate;
import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.BackupSchedule;
import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.domain.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// Reads `agent.yaml`. An absent or empty file is all defaults; every problem of a file is found in
/// one reading.
public final class ConfigFile {
  /// A configuration file is a page, not a megabyte.
  private static final int MAX_BYTES = RegularFile.MIB;

  private static final Kind<String> NAME =
      Kind.text(
          "a name of letters, digits, - and _", t -> t.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,62}"));

  /// What `docker compose -p` takes.
  private static final Kind<String> PROJECT =
      Kind.text(
          "a Compose project name (lower-case letters, digits, - and _)",
          t -> t.matches("[a-z0-9][a-z0-9_-]{0,62}"));

  private static final Kind<String> WORDS =
      Kind.text("a text of one line", t -> !t.isBlank() && t.lines().count() == 1);

  private static final Kind<String> TAG_VALUE =
      Kind.text("a tag value of at most 256 characters", t -> t.length() <= 256);

  private static final Kind<String> PREFIX =
      Kind.text(
          "a parameter path such as /armory/spinnaker", t -> t.matches("(/[A-Za-z0-9._-]+)++"));

  private static final Kind<String> TOPIC =
      Kind.text(
          "the ARN of a standard topic, arn:aws:sns:REGION:ACCOUNT:NAME",
          t -> t.matches("arn:aws[a-z-]*:sns:[a-z0-9-]+:\\d{12}:[A-Za-z0-9_-]{1,256}"));

  /// Each reads all that the stores have.
  private static final Kind<String> PERIOD =
      Kind.text(
          "a duration of at least 10m, such as 24h",
          t ->
              Kind.DURATION
                  .parse()
                  .apply(t)
                  .filter(d -> d.compareTo(Duration.ofMinutes(10)) >= 0)
                  .isPresent());

  private static final Kind<String> BACKUPS =
      Kind.text(
          "an absolute path or s3://BUCKET/PREFIX",
          t -> t.startsWith("/") || t.matches("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/\\S*)?"));

  private static final Kind<AlertTemplate> TEMPLATE =
      new Kind<>(
          "a text of one line with placeholders that exist",
          text ->
              Optional.of(new AlertTemplate(text))
                  .filter(t -> !text.isBlank() && text.lines().count() == 1)
                  .filter(t -> t.problem().isEmpty()),
          AlertTemplate::text,
          text -> new AlertTemplate(text).problem().orElse(""));

  private ConfigFile() {}

  /// What came of reading.
  public sealed interface Reading {
    record Valid(AgentConfig config) implements Reading {}

    /// @param problems at least one, in the order of the file
    record Invalid(List<Problem> problems) implements Reading {
      public Invalid {
        problems = List.copyOf(problems);
      }
    }
  }

  public static Reading read(Paths paths, Environment environment) {
    var file = paths.agentYaml();
    var notes = new Section.Notes(file.toString(), new ArrayList<>(), new ArrayList<>());
    var top = new Section("", parse(file, notes), notes);
    var config = config(top, paths, environment, notes);
    top.rejectUnknown();
    return notes.problems().isEmpty()
        ? new Reading.Valid(config)
        : new Reading.Invalid(notes.problems());
  }

  private static AgentConfig config(
      Section top, Paths paths, Environment environment, Section.Notes notes) {
    return new AgentConfig(
        paths,
        top.value("project", PROJECT, "spinnaker"),
        identity(top.section("identity")),
        parameters(top.section("parameters")),
        top.value("aws", Kind.oneOf(Aws.class), Aws.AUTO),
        docker(top.section("docker"), environment, notes),
        http(top.section("http")),
        top.list("expose", NAME),
        top.value("polling", Kind.oneOf(Polling.class), Polling.ROLE),
        election(top.section("election")),
        rollout(top.section("rollout")),
        repair(top.section("repair")),
        health(top.section("health")),
        drain(top.section("drain")),
        images(top.section("images")),
        new Secrets(top.section("secrets").value("keep_last_known_good", Kind.FLAG, true)),
        notify(top.section("notify")),
        backup(top.section("backup"), paths),
        notes.settings());
  }

  private static BackupSchedule backup(Section section, Paths paths) {
    return new BackupSchedule(
        section
            .optional("every", PERIOD)
            .flatMap(every -> Kind.DURATION.parse().apply(every.value())),
        section.optional("to", BACKUPS).map(Located::value).orElse(paths.backups() + "/"),
        section.value("keep", Kind.number(1, 1000), 7));
  }

  private static AgentConfig.Notify notify(Section section) {
    var webhook = section.section("webhook");
    var sns = section.section("sns");
    return new AgentConfig.Notify(
        new LinkedHashSet<>(section.list("on", Kind.CONDITION, List.of(Alert.Condition.values()))),
        minutes(section, "not_ready", 10),
        section.value("template", TEMPLATE, AlertTemplate.STANDARD),
        new AgentConfig.Webhook(
            webhook.optional("url_file", Kind.FILE).map(file -> Path.of(file.value())),
            webhook.optional("ca_file", Kind.FILE).map(file -> Path.of(file.value())),
            webhook.value("format", Kind.oneOf(NotifyFormat.class), NotifyFormat.TEXT)),
        new AgentConfig.Sns(
            sns.optional("topic", TOPIC).map(Located::value),
            sns.value("format", Kind.oneOf(NotifyFormat.class), NotifyFormat.TEXT)));
  }

  private static Identity identity(Section section) {
    return new Identity(
        section.optional("stack", NAME),
        section.optional("role", NAME),
        section.optional("region", NAME),
        section.optional("availability_zone", NAME),
        section.optional("instance_id", NAME),
        section.optional("private_ip", Kind.IP_ADDRESS),
        section.optional("asg", WORDS),
        section.map("tags", TAG_VALUE));
  }

  private static Images images(Section section) {
    return new Images(
        section.value("require_digest", Kind.FLAG, false),
        section.section("verify").optional("key", Kind.FILE).map(key -> Path.of(key.value())));
  }

  /// More than 24 s, and another node would not be elected within the 30 s that are promised.
  private static AgentConfig.Election election(Section section) {
    var lease =
        new Kind<>(
            "a duration from 4s to 24s",
            text ->
                Kind.DURATION
                    .parse()
                    .apply(text)
                    .filter(d -> d.compareTo(Duration.ofSeconds(4)) >= 0)
                    .filter(d -> d.compareTo(Duration.ofSeconds(24)) <= 0),
            Kind.DURATION.show());
    return new AgentConfig.Election(section.value("lease", lease, Duration.ofSeconds(20)));
  }

  private static Rollout rollout(Section section) {
    return new Rollout(
        minutes(section, "timeout", 10),
        section.value("bake", Kind.DURATION, Duration.ofSeconds(60)),
        section.value("max_unavailable", Kind.MAX_UNAVAILABLE, MaxUnavailable.ONE),
        section.isMapping("approval")
            ? section.within("approval", "window", Kind.WINDOW, Approval.MANUAL)
            : section.value("approval", Kind.APPROVAL, Approval.AUTO));
  }

  private static ParameterSource parameters(Section section) {
    return new ParameterSource(
        section.optional("prefix", PREFIX),
        section.value("poll_interval", atLeast(Duration.ofSeconds(1)), Duration.ofSeconds(60)));
  }

  /// As the docker command does, `DOCKER_HOST` counts where the file says nothing; only a socket
  /// will do, as the engine must be the node's own.
  private static Docker docker(Section section, Environment environment, Section.Notes notes) {
    var fallback = Path.of("/var/run/docker.sock");
    var origin = "default";
    var host = environment.get("DOCKER_HOST");
    if (host.isPresent() && host.get().startsWith("unix:///")) {
      fallback = Path.of(host.get().substring("unix://".length()));
      origin = "environment DOCKER_HOST";
    } else if (host.isPresent()) {
      notes
          .problems()
          .add(
              new Problem(
                  "environment DOCKER_HOST",
                  "\"" + host.get() + "\" is not a socket of this node",
                  "unset it, or write unix:///PATH"));
    }
    return new Docker(section.value("socket", Kind.ABSOLUTE_PATH, fallback, origin));
  }

  private static Http http(Section section) {
    return new Http(
        section.value("address", Kind.IP_ADDRESS, "0.0.0.0"),
        section.value("port", Kind.number(0, 65535), 5000),
        section.value("details", Kind.FLAG, false));
  }

  private static Repair repair(Section section) {
    return new Repair(
        new Backoff(
            section.value(
                "backoff_initial", atLeast(Duration.ofMillis(100)), Duration.ofSeconds(1)),
            section.value("backoff_max", atLeast(Duration.ofSeconds(1)), Duration.ofMinutes(5))),
        minutes(section, "window", 15));
  }

  private static Health health(Section section) {
    var asg = section.section("asg");
    return new Health(
        new AsgHealth(asg.value("report", Kind.FLAG, true), minutes(asg, "grace", 15)),
        section.value("disk", Kind.number(1, 100), 85));
  }

  private static Drain drain(Section section) {
    return new Drain(
        minutes(section, "timeout", 30),
        section.value("load_balancer", Kind.DURATION, Duration.ofSeconds(15)),
        section.value("on_rebalance", Kind.FLAG, true));
  }

  private static Duration minutes(Section section, String key, int fallback) {
    return section.value(key, atLeast(Duration.ofSeconds(1)), Duration.ofMinutes(fallback));
  }

  private static Kind<Duration> atLeast(Duration least) {
    return new Kind<>(
        Kind.DURATION.words() + ", at least " + Durations.show(least),
        text -> Durations.parse(text).filter(d -> d.compareTo(least) >= 0),
        Durations::show);
  }

  private static Optional<Node> parse(Path file, Section.Notes notes) {
    try {
      var text = ByteBuffer.wrap(RegularFile.read(file, MAX_BYTES));
      var settings =
          LoadSettings.builder()
              .setMaxAliasesForCollections(10)
              .setAllowNonScalarKeys(true)
              .setSchema(new CoreSchema())
              .build();
      return new Compose(settings)
          .composeString(StandardCharsets.UTF_8.newDecoder().decode(text).toString());
    } catch (RegularFile.Refused e) {
      return failed(notes, file.toString(), e.what(), "is it the right file?");
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (AccessDeniedException e) {
      return failed(notes, file.toString(), "cannot be read: permission denied", "");
    } catch (CharacterCodingException e) {
      return failed(notes, file.toString(), "is not UTF-8 text", "");
    } catch (MarkedYamlEngineException e) {
      var where =
          e.getProblemMark().map(m -> file + ":" + (m.getLine() + 1)).orElse(file.toString());
      return failed(notes, where, "is not YAML: " + firstLine(e.getProblem()), "");
    } catch (YamlEngineException | IOException e) {
      return failed(notes, file.toString(), firstLine(String.valueOf(e.getMessage())), "");
    } catch (IllegalArgumentException e) {
      return failed(notes, file.toString(), "is not YAML: an escape is not complete", "");
    } catch (StackOverflowError e) {
      return failed(notes, file.toString(), "is nested too deeply", "");
    }
  }

  private static Optional<Node> failed(
      Section.Notes notes, String where, String what, String todo) {
    notes.problems().add(new Problem(where, what, todo));
    return Optional.empty();
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse(text).strip();
  }
}
