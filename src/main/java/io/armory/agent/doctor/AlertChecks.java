package io.armory.agent.doctor;

import io.armory.agent.adapter.aws.SnsTopic;
import io.armory.agent.adapter.webhook.Webhook;
import io.armory.agent.adapter.webhook.WebhookAddress;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.report.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whether those who are to be told without asking can be. Nothing is sent to them.
record AlertChecks(AgentConfig config, Parameters parameters) {
  List<Check> all() {
    var checks = new ArrayList<Check>();
    var file = config.alerts().webhook().urlFile();
    var address = new WebhookAddress(file, () -> parameters.reveal(Parameters.WEBHOOK_URL));
    if (address.isSaid()) {
      checks.add(
          switch (new Webhook(address, config.alerts().webhook().caFile(), _ -> "").reach()) {
            case Outcome.Done<String> _ ->
                Check.fine("notify", "webhook: the receiver can be reached");
            case Outcome.Failed<String>(var failure) ->
                Check.wrong("notify", "webhook: " + failure.message(), todo(failure, address));
          });
      file.filter(AlertChecks::mayAllRead)
          .ifPresent(f ->
              checks.add(
                  Check.advice(
                      "notify",
                      f + " holds a secret, and every user of the node may read it",
                      "chown root:armory-agent %s; chmod 640 %s".formatted(f, f))));
    }
    topic().ifPresent(t -> checks.add(topic(t)));
    return checks;
  }

  private Optional<String> topic() {
    return config
        .alerts()
        .sns()
        .topic()
        .or(() -> parameters.reveal(Parameters.SNS_TOPIC))
        .filter(t -> !t.isBlank());
  }

  private Check topic(String arn) {
    if (!SnsTopic.isArn(arn.strip())) {
      return Check.wrong(
          "notify",
          "sns: %s is not a standard topic".formatted(arn),
          "write arn:aws:sns:REGION:ACCOUNT:NAME");
    }
    return config.usesAws()
        ? Check.fine("notify", "sns: " + arn + "; the node's role needs sns:Publish for it")
        : Check.wrong("notify", "sns: AWS is not used", "set aws: on in agent.yaml");
  }

  private static String todo(Failure failure, WebhookAddress address) {
    return failure.kind() == Failure.Kind.DENIED
        ? "write the address, and nothing else, into " + address.origin()
        : "let the node reach it: its security group, a route, the authority of its certificate";
  }

  private static boolean mayAllRead(Path file) {
    try {
      return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
