package io.armory.agent.app;

/// Process entry point.
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("armory-agent");
  }
}
