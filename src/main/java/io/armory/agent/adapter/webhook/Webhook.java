package io.armory.agent.adapter.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.armory.agent.adapter.tls.Authorities;
import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.AlertTarget;
import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpRetryException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// Posts an alert as JSON. TLS is verified by the runtime's authorities, or a file's; no redirect
/// is followed, each message has a connection of its own, and the answer's body is not read.
public final class Webhook implements AlertTarget {
  public static final Duration PATIENCE = Duration.ofSeconds(10);

  /// The message's own fault: the same one will not be taken later either.
  private static final Set<Integer> REFUSED = Set.of(400, 405, 411, 413, 415, 422);

  private final WebhookAddress address;
  private final Optional<Path> authorities;
  private final Function<Alert, String> body;
  private final Duration patience;

  /// @param authorities whose certificates are believed, in PEM; empty: the Java runtime's
  /// @param body JSON
  public Webhook(WebhookAddress address, Optional<Path> authorities, Function<Alert, String> body) {
    this(address, authorities, body, PATIENCE);
  }

  /// @param patience for the whole exchange
  Webhook(
      WebhookAddress address,
      Optional<Path> authorities,
      Function<Alert, String> body,
      Duration patience) {
    this.address = address;
    this.authorities = authorities;
    this.body = body;
    this.patience = patience;
  }

  @Override
  public String name() {
    return "webhook";
  }

  @Override
  public boolean isAddressed() {
    return address.isSaid();
  }

  @Override
  public Outcome<String> send(Alert alert) {
    return address
        .read()
        .flatMap(uri -> inTime(() -> posted(uri, body.apply(alert).getBytes(UTF_8))));
  }

  /// Whether anybody listens there, with a certificate that can be trusted. Nothing is sent.
  public Outcome<String> reach() {
    return address.read().flatMap(uri -> inTime(() -> connected(uri)));
  }

  private Outcome<String> connected(URI uri) {
    var isTls = "https".equalsIgnoreCase(uri.getScheme());
    var port = uri.getPort() > 0 ? uri.getPort() : isTls ? 443 : 80;
    var millis = Math.toIntExact(patience.toMillis());
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getByName(uri.getHost()), port), millis);
      socket.setSoTimeout(millis);
      if (isTls) {
        try (var tls = (SSLSocket) sockets().createSocket(socket, uri.getHost(), port, true)) {
          var parameters = tls.getSSLParameters();
          parameters.setEndpointIdentificationAlgorithm("HTTPS");
          tls.setSSLParameters(parameters);
          tls.startHandshake();
        }
      }
      return Outcome.done("connected");
    } catch (IOException e) {
      return unreached(e);
    }
  }

  /// The sockets' deadlines bound each read, and a lookup of the name has none: this bounds all.
  private Outcome<String> inTime(Callable<Outcome<String>> question) {
    var exchange = new FutureTask<>(question);
    var thread = Thread.ofVirtual().name("webhook").start(exchange);
    try {
      return exchange.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      return failed(Kind.TIMEOUT, "did not answer in " + patience.toSeconds() + " s");
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      return failed(Kind.TRANSIENT, "was not waited for");
    } catch (ExecutionException e) {
      // Of a URL that the JDK's client cannot use; its words would repeat it.
      return failed(Kind.DENIED, "cannot be asked: its address is of no use");
    }
  }

  private Outcome<String> posted(URI uri, byte[] content) {
    try {
      var connection = (HttpURLConnection) uri.toURL().openConnection();
      if (connection instanceof HttpsURLConnection tls) {
        tls.setSSLSocketFactory(sockets());
      }
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout(Math.toIntExact(patience.toMillis()));
      connection.setReadTimeout(Math.toIntExact(patience.toMillis()));
      connection.setRequestMethod("POST");
      connection.setRequestProperty("Content-Type", "application/json; charset=utf-8");
      connection.setRequestProperty("User-Agent", "armory-agent");
      connection.setRequestProperty("Connection", "close");
      connection.setDoOutput(true);
      // A body that is streamed is never sent a second time by the JDK itself.
      connection.setFixedLengthStreamingMode(content.length);
      try {
        try (var out = connection.getOutputStream()) {
          out.write(content);
        }
        return answered(connection.getResponseCode());
      } finally {
        connection.disconnect();
      }
    } catch (HttpRetryException e) {
      return answered(e.responseCode());
    } catch (IOException e) {
      return unreached(e);
    }
  }

  private SSLSocketFactory sockets() throws IOException {
    try {
      return Authorities.context(authorities).getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new SSLException(e);
    }
  }

  private static Outcome<String> unreached(IOException e) {
    return failed(e instanceof SocketTimeoutException ? Kind.TIMEOUT : Kind.UNREACHABLE, reason(e));
  }

  private static Outcome<String> answered(int status) {
    if (status / 100 == 2) {
      return Outcome.done("HTTP " + status);
    }
    if (status / 100 == 3) {
      return failed(
          Kind.DENIED,
          "answers HTTP %d: it leads elsewhere, which is not followed; give it the final address"
              .formatted(status));
    }
    var kind =
        REFUSED.contains(status)
            ? Kind.INVALID
            : status / 100 == 4 && status != 408 && status != 429 ? Kind.DENIED : Kind.TRANSIENT;
    return failed(kind, status < 0 ? "answers no HTTP" : "answers HTTP " + status);
  }

  /// The JDK's words may hold the address.
  private static String reason(IOException e) {
    return switch (e) {
      case SocketTimeoutException _ -> "did not answer in time";
      case UnknownHostException _ -> "has a host name that is not known";
      case NoRouteToHostException _ -> "has a host without a route to it";
      case ConnectException _ -> "refuses the connection";
      case Authorities.Unusable _ ->
          "cannot be trusted: notify.webhook.ca_file is of no use: " + e.getMessage();
      case SSLException _ ->
          "has no TLS that can be trusted: its certificate, or its authority, is not valid here";
      case IOException _ -> "closed the connection without an answer";
    };
  }

  private static Outcome<String> failed(Kind kind, String what) {
    return Outcome.failed(kind, "the receiver " + what);
  }
}
