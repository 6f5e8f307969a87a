variable "stack" {
  description = "Name of the stack: in the groups' names, in the tag armory:stack, and in the parameters' path"
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,15}$", var.stack))
    error_message = "stack: at most 16 lower-case letters and digits, a letter first; a hyphen would end it in the groups' names."
  }
}

variable "image_id" {
  description = "An AMI made with packaging/ami"
  type        = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Private subnets for the nodes, the internal load balancer and Redis, in two availability zones at least"
  type        = list(string)
}

variable "load_balancer_subnet_ids" {
  description = "Where people reach the user-facing load balancer, in two availability zones at least"
  type        = list(string)
}

variable "allowed_cidrs" {
  description = "Who may reach deck and gate; the internet is no good answer"
  type        = set(string)
}

variable "bucket" {
  description = "The S3 bucket front50 keeps pipelines in; it must exist, with versioning"
  type        = string
}

variable "redis_auth_token" {
  description = "Redis' password: 16 to 128 printable characters, none of @ \" / or space"
  type        = string
  sensitive   = true

  validation {
    condition     = can(regex("^[!#-.0-?A-~]{16,128}$", var.redis_auth_token))
    error_message = "redis_auth_token: 16 to 128 printable characters, none of @ \" / or space."
  }
}

variable "redis_node_type" {
  type    = string
  default = "cache.m7g.large"
}

variable "polling" {
  description = "Who polls and schedules: group (a group of one node with the role ha-polling beside the others) or elect (the nodes of one group elect it)"
  type        = string
  default     = "group"

  validation {
    condition     = contains(["group", "elect"], var.polling)
    error_message = "polling: group or elect."
  }
}

variable "nodes" {
  description = "How many nodes serve; with polling = group, beside the polling one"
  type        = object({ min = number, desired = number, max = number })
  default     = { min = 2, desired = 2, max = 4 }
}

variable "internet_facing" {
  description = "Whether the user-facing load balancer has a public address"
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "ACM certificate: deck is served on 443 and gate on 8084 with TLS; null: plain HTTP on 80 and 8084"
  type        = string
  default     = null
}

variable "public_name" {
  description = "DNS name people use, for links and redirects; null: the load balancer's own"
  type        = string
  default     = null
}

variable "instance_type" {
  description = "8 vCPU and 32 GiB carry every sub-service"
  type        = string
  default     = "m7i.2xlarge"
}

variable "volume_size" {
  description = "GiB of the root volume"
  type        = number
  default     = 60
}

variable "key_name" {
  description = "SSH key pair; null: none, Session Manager is enough"
  type        = string
  default     = null
}

variable "spinnaker_release" {
  description = "As in the image tags; null: what the agent's package brings"
  type        = string
  default     = null
}

variable "parameter_prefix" {
  description = "Where the stack's parameters are in the Parameter Store"
  type        = string
  default     = "/armory/spinnaker"

  validation {
    condition     = can(regex("^(/[A-Za-z0-9._-]+)+$", var.parameter_prefix))
    error_message = "parameter_prefix: a path that begins with / and does not end with one."
  }
}

variable "parameters" {
  description = "Further parameters, NAME = value"
  type        = map(string)
  default     = {}
}

variable "secret_parameters" {
  description = "Further parameters as SecureString, NAME = value; neither plan nor state shows the values"
  type        = map(string)
  default     = {}
  sensitive   = true
}

variable "secrets_version" {
  description = "Count it up when a value in secret_parameters changes: the state does not know the old one"
  type        = number
  default     = 1
}

variable "group_version" {
  description = "Of the Auto Scaling group's name: 0 is v000"
  type        = number
  default     = 0
}

variable "health_check_type" {
  description = "Whom the group believes. EC2: a node ends when its machine fails, or the agent has proof that its engine does. ELB: also when a load balancer calls it unhealthy"
  type        = string
  default     = "EC2"

  validation {
    condition     = contains(["EC2", "ELB"], var.health_check_type)
    error_message = "health_check_type: EC2 or ELB."
  }
}

variable "health_check_path" {
  description = "What the load balancers ask of the agent; null: /health/ready, or /health/live with health_check_type ELB, as a node that is not ready for a while is then not ended for it"
  type        = string
  default     = null
}

variable "health_check_grace_period" {
  description = "Seconds after a start in which the group ends no node as unhealthy: nine JVMs boot one after the other"
  type        = number
  default     = 900
}

variable "alert_topic_arns" {
  description = "SNS topics that the nodes may publish alerts to; name the one to be told in the parameter NOTIFY_SNS_TOPIC, too"
  type        = list(string)
  default     = []
}

variable "tags" {
  type    = map(string)
  default = {}
}
