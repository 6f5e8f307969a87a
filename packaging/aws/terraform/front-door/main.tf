# Where people come in: a load balancer for deck and gate, in the user-facing security group, and the
# rules by which it, and nobody else, reaches the nodes.

variable "stack" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "allowed_cidrs" {
  type = set(string)
}

variable "internet_facing" {
  type = bool
}

variable "certificate_arn" {
  type = string
}

variable "node_group_id" {
  description = "The nodes' own security group"
  type        = string
}

variable "ssl_policy" {
  type = string
}

variable "access_logs" {
  type = object({ bucket = string, prefix = optional(string), enabled = optional(bool, true) })
}

variable "enable_deletion_protection" {
  type = bool
}

variable "check_path" {
  description = "What the load balancer asks of the agent on its health port"
  type        = string
}

variable "tags" {
  type = map(string)
}

locals {
  tls = var.certificate_arn != null
  # What the nodes publish for people, and where people find it. Deck is on port 80 of a node.
  doors = {
    deck = { node = 80, door = local.tls ? 443 : 80 }
    gate = { node = 8084, door = 8084 }
  }
  # The agent's health port is not for people: the load balancer alone asks it.
  health_port = 5000

  # Who types the name without a scheme is sent on to TLS.
  entries = merge(local.doors, local.tls ? { redirect = { door = 80 } } : {})
}

resource "aws_security_group" "user_facing" {
  name_prefix = "armoryspinnaker-${var.stack}-user-facing-"
  description = "People to the load balancer of deck and gate"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "armoryspinnaker-${var.stack}-user-facing" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "people" {
  for_each = {
    for pair in setproduct(keys(local.entries), var.allowed_cidrs) :
    "${pair[0]} ${pair[1]}" => { port = local.entries[pair[0]].door, cidr = pair[1], what = pair[0] }
  }

  security_group_id = aws_security_group.user_facing.id
  description       = each.value.what
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}

# From the load balancer to the nodes, said on both sides.
locals {
  reached = merge({ for name, d in local.doors : name => d.node }, { health = local.health_port })
}

resource "aws_vpc_security_group_egress_rule" "to_nodes" {
  for_each = local.reached

  security_group_id            = aws_security_group.user_facing.id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = var.node_group_id
}

resource "aws_vpc_security_group_ingress_rule" "from_door" {
  for_each = local.reached

  security_group_id            = var.node_group_id
  description                  = "${each.key}, from the user-facing load balancer"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.user_facing.id
}

resource "aws_lb" "user_facing" {
  name                       = "armory-${var.stack}-users"
  load_balancer_type         = "application"
  internal                   = !var.internet_facing
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.user_facing.id]
  enable_deletion_protection = var.enable_deletion_protection
  drop_invalid_header_fields = true
  # Log streams and slow pipelines' answers: longer than gate's own 60 s.
  idle_timeout = 120
  tags         = var.tags

  dynamic "access_logs" {
    for_each = var.access_logs[*]

    content {
      bucket  = access_logs.value.bucket
      prefix  = access_logs.value.prefix
      enabled = access_logs.value.enabled
    }
  }
}

resource "aws_lb_target_group" "user_facing" {
  for_each = local.doors

  # What it cannot change in is in its name, so that its successor can be there before it goes.
  name                 = "armory-${var.stack}-${each.key}-${substr(sha1("${var.vpc_id} ${each.value.node}"), 0, 3)}"
  vpc_id               = var.vpc_id
  protocol             = "HTTP"
  port                 = each.value.node
  deregistration_delay = 60
  tags                 = var.tags

  # The agent's word for the node as a whole: /health/ready, unless the group ends what fails here.
  health_check {
    protocol            = "HTTP"
    port                = local.health_port
    path                = var.check_path
    matcher             = "200"
    interval            = 5
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "user_facing" {
  for_each = local.doors

  load_balancer_arn = aws_lb.user_facing.arn
  port              = each.value.door
  protocol          = local.tls ? "HTTPS" : "HTTP"
  certificate_arn   = var.certificate_arn
  ssl_policy        = local.tls ? var.ssl_policy : null
  tags              = var.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.user_facing[each.key].arn
  }
}

resource "aws_lb_listener" "redirect" {
  count = local.tls ? 1 : 0

  load_balancer_arn = aws_lb.user_facing.arn
  port              = 80
  protocol          = "HTTP"
  tags              = var.tags

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

output "target_group_arns" {
  # A target group can be used once a listener has it.
  depends_on = [aws_lb_listener.user_facing, aws_vpc_security_group_ingress_rule.from_door]
  value      = [for g in aws_lb_target_group.user_facing : g.arn]
}

output "dns_name" {
  value = aws_lb.user_facing.dns_name
}

output "scheme" {
  value = local.tls ? "https" : "http"
}
