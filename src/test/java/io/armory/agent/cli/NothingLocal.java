package io.armory.agent.cli;

import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.S3Address;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.stack.KnownSecrets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Commands that need no agent, doing nothing.
final class NothingLocal implements LocalCommands {
  @Override
  public Outcome<String> pull(
      Paths paths, Environment environment, String role, Consumer<String> progress) {
    progress.accept("image: here");
    return role.equals("none")
        ? Outcome.failed(Failure.Kind.INVALID, "there is no role none")
        : Outcome.done("1 images are here");
  }

  @Override
  public Outcome<String> down(Paths paths, Environment environment, Consumer<String> progress) {
    return Outcome.done("the stack is removed");
  }

  @Override
  public Support support(Paths paths, Environment environment) {
    var secrets = new KnownSecrets();
    secrets.learn("PLANTED-secret");
    return new Support(
        Map.of("host/df.txt", "full of PLANTED-secret"), List.of("journal: not here"), secrets);
  }

  @Override
  public Outcome<String> send(Paths paths, Environment environment, Path file, S3Address to) {
    return to.bucket().equals("closed")
        ? Outcome.failed(
            new Failure(Failure.Kind.DENIED, "s3:PutObject: AccessDenied", Failure.Blame.OUTSIDE))
        : Outcome.done(to.toString());
  }

  @Override
  public Answer render(ComposeRequest request) {
    return new Answer.Done(request.files() + " " + request.format() + "\n", List.of("careful"));
  }

  @Override
  public Answer validate(ComposeRequest request) {
    return new Answer.Done(request.files().size() + " files are good\n", List.of());
  }

  @Override
  public List<Check> examine(Paths paths, Environment environment) {
    return List.of(
        Check.fine("docker", "answers"),
        Check.advice("tags", "are not there", "put them there"),
        paths.root().endsWith("ill")
            ? Check.wrong("role", "is unknown", "set it")
            : Check.fine("role", "gate"));
  }

  @Override
  public Import importInstallation(ImportRequest request) {
    return new Import.Refused(request.directory() + " is no directory");
  }

  @Override
  public Outcome<String> backup(
      Paths paths, Environment environment, Optional<String> to, Consumer<String> progress) {
    return Outcome.done(to.orElse("/backups/a.zip") + "\nredis");
  }

  @Override
  public Outcome<String> stage(
      Paths paths, Environment environment, String from, Consumer<String> progress) {
    throw new UnsupportedOperationException();
  }
}
