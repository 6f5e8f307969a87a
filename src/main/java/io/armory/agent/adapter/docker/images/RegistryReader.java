package io.armory.agent.adapter.docker.images;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.DeadlineCalls;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.tls.AnyCertificate;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.ImageReference;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.port.RegistryCredentials.Credential;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/// Reads small things of one repository from its registry: `Basic` and `Bearer` logins, redirects
/// to another store. As the engine does, it takes any certificate, and plain HTTP, on loopback.
final class RegistryReader {
  private static final int MOST = 1 << 20;

  /// Of one image. What is signed ten times in each of cosign's forms takes half of it.
  private static final int QUESTIONS = 100;

  /// Of what others say, in a message.
  private static final int WORDS = 120;

  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final String ACCEPTED =
      "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";

  private final RegistryCredentials credentials;
  private final Duration patience;
  private final String registry;
  private final String repository;
  private final long began = System.nanoTime();
  private int questions;
  private String authorization = "";
  private String scheme = "https";

  /// @param patience for each answer; a question with its logins and redirects may take half as
  ///   long again, however it dribbles, and all of them four times as long
  RegistryReader(RegistryCredentials credentials, ImageReference image, Duration patience) {
    this.credentials = credentials;
    this.patience = patience;
    this.registry = image.registry();
    var name = image.repository();
    var prefix = registry + "/";
    var inside = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    this.repository =
        registry.equals("docker.io") && inside.indexOf('/') < 0 ? "library/" + inside : inside;
  }

  @SuppressWarnings("ArrayRecordComponent") // read once, compared never
  private record Answer(int status, byte[] body, String challenge, String location) {}

  /// @param path below the repository, such as `blobs/sha256:…`
  /// @return empty: the registry does not have it
  Optional<byte[]> read(String path) throws EngineException {
    if (++questions > QUESTIONS) {
      throw unasked("it has more to ask for than can be looked at");
    }
    var all = patience.multipliedBy(4);
    if (System.nanoTime() - began > all.toNanos()) {
      throw unasked("its answers take longer than %d s together".formatted(all.toSeconds()));
    }
    try {
      return new DeadlineCalls(1).within(new DeadlineCalls.Patience(whole()), () -> asked(path));
    } catch (EngineException e) {
      throw e.kind() == Failure.Kind.TIMEOUT ? late() : e;
    }
  }

  /// @return empty: the registry does not have it
  JsonNode json(String path) throws EngineException {
    var bytes = read(path);
    try {
      return bytes.isEmpty() ? Json.object() : parsed(bytes.get());
    } catch (IOException e) {
      throw unasked(e.getMessage());
    }
  }

  private static JsonNode parsed(byte[] answer) throws IOException {
    try {
      return Json.parse(answer);
    } catch (EngineException e) {
      throw new IOException("its answer is not JSON", e);
    }
  }

  private EngineException late() {
    return unasked("no answer in %d s".formatted(whole().toSeconds()));
  }

  private EngineException unasked(@Nullable String why) {
    var words = why == null ? "no reason is given" : why;
    return new EngineException(
        Failure.Kind.TRANSIENT,
        registry
            + " cannot be asked for signatures: "
            + (words.length() > WORDS ? words.substring(0, WORDS) + "…" : words));
  }

  private Duration whole() {
    return patience.multipliedBy(3).dividedBy(2);
  }

  private Optional<byte[]> asked(String path) throws EngineException {
    var host = registry.equals("docker.io") ? "registry-1.docker.io" : registry;
    var below = "://" + host + "/v2/" + repository + "/" + path;
    try {
      var answer = first(below);
      if (answer.status() == 401) {
        authorization = login(answer.challenge());
        answer = get(scheme + below, authorization);
      }
      for (var i = 0; i < 3 && answer.status() / 100 == 3; i++) {
        // The other store has a login of its own, in the address.
        answer = get(answer.location(), "");
      }
      return switch (answer.status()) {
        case 200 -> Optional.of(answer.body());
        case 404 -> Optional.empty();
        default ->
            throw new EngineException(
                Failure.Kind.TRANSIENT,
                registry + " answers " + answer.status() + " to the question for signatures");
      };
    } catch (IOException e) {
      throw unasked(e.getMessage());
    } catch (RuntimeException e) {
      // Of an address or a token that the JDK's client cannot use; its words would repeat it.
      throw unasked("its answer names an address or a token that is of no use");
    }
  }

  private Answer first(String below) throws IOException {
    try {
      return get(scheme + below, authorization);
    } catch (IOException e) {
      if (!isLoopback(registry) || scheme.equals("http")) {
        throw e;
      }
      scheme = "http";
      return get(scheme + below, authorization);
    }
  }

  private static boolean isLoopback(String authority) throws IOException {
    var host = authority.replaceFirst(":\\d+$", "");
    return host.equals("localhost")
        || (host.matches("[0-9.]+") && InetAddress.getByName(host).isLoopbackAddress());
  }

  private Answer get(String address, String authorization) throws IOException {
    var uri = URI.create(address);
    var host = uri.getHost();
    var scheme = String.valueOf(uri.getScheme());
    if (host == null || !(scheme.equals("https") || (scheme.equals("http") && isLoopback(host)))) {
      // The rest of an address may be a login.
      throw new IOException("it leads to " + scheme + "://" + (host == null ? "" : host));
    }
    var connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout(Math.toIntExact(patience.toMillis()));
    connection.setReadTimeout(Math.toIntExact(patience.toMillis()));
    connection.setRequestProperty("Accept", ACCEPTED);
    if (!authorization.isEmpty()) {
      connection.setRequestProperty("Authorization", authorization);
    }
    if (connection instanceof HttpsURLConnection https && isLoopback(host)) {
      try {
        https.setSSLSocketFactory(AnyCertificate.context().getSocketFactory());
      } catch (GeneralSecurityException e) {
        throw new IOException(e);
      }
      https.setHostnameVerifier((_, _) -> true);
    }
    var status = connection.getResponseCode();
    try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      var body = in == null ? new byte[0] : in.readNBytes(MOST + 1);
      if (body.length > MOST) {
        throw new IOException("the answer is longer than " + MOST + " bytes");
      }
      return new Answer(
          status,
          body,
          header(connection, "WWW-Authenticate"),
          uri.resolve(header(connection, "Location")).toString());
    }
  }

  private static String header(HttpURLConnection connection, String name) {
    var value = connection.getHeaderField(name);
    return value == null ? "" : value;
  }

  private String login(String challenge) throws IOException, EngineException {
    var basic = credential().map(RegistryReader::basic).orElse("");
    if (!challenge.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return basic;
    }
    var realm = "";
    var question = new StringBuilder();
    var parameters = PARAMETER.matcher(challenge);
    while (parameters.find()) {
      if (parameters.group(1).equals("realm")) {
        realm = parameters.group(2);
      } else {
        question.append(question.isEmpty() ? "?" : "&").append(asked(parameters));
      }
    }
    var answer = parsed(get(realm + question, basic).body());
    return "Bearer " + answer.path("token").asText(answer.path("access_token").asText());
  }

  private static String asked(Matcher parameter) {
    return parameter.group(1) + "=" + URLEncoder.encode(parameter.group(2), UTF_8);
  }

  private Optional<Credential> credential() throws EngineException {
    return switch (credentials.find(registry)) {
      case Outcome.Done<Optional<Credential>>(var found) -> found;
      case Outcome.Failed<Optional<Credential>>(var failure) ->
          throw new EngineException(
              Failure.Kind.TRANSIENT, "no credentials for " + registry + ": " + failure.message());
    };
  }

  private static String basic(Credential credential) {
    var both = credential.username() + ":" + credential.password().reveal();
    return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(UTF_8));
  }
}
