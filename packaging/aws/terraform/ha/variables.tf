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

variable "min_size" {
  description = "How many nodes serve at least; with polling = group, beside the polling one"
  type        = number
  default     = 2
}

variable "desired_capacity" {
  description = "How many serve at first; null: min_size"
  type        = number
  default     = null
}

variable "max_size" {
  description = "How many serve at most"
  type        = number
  default     = 4
}

variable "internet_facing" {
  description = "Whether the user-facing load balancer has a public address"
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "ACM certificate: deck is served on 443, with a redirect from 80, and gate on 8084, with TLS. null, which has to be said: plain HTTP on 80 and 8084"
  type        = string
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

variable "additional_security_group_ids" {
  description = "Further security groups of the nodes"
  type        = list(string)
  default     = []
}

variable "kms_key_arn" {
  description = "Customer's key for volumes, secret parameters, and of ElastiCache; null: AWS' own. Its policy has to allow the account's IAM, and the role AWSServiceRoleForAutoScaling to use it and to create grants"
  type        = string
  default     = null
}

variable "iam_role_permissions_boundary" {
  description = "ARN of a policy"
  type        = string
  default     = null
}

variable "iam_role_policies" {
  description = "Further policies of the nodes' role, any name = ARN: what pipelines need"
  type        = map(string)
  default     = {}
}

variable "support_bucket" {
  description = "The bucket that support bundles may be put into; empty: none"
  type        = string
  default     = ""
}

variable "user_data" {
  description = "cloud-init's user data; null: none. What is in it is seen by whoever may read the launch template"
  type        = string
  default     = null
}

variable "ssl_policy" {
  description = "Which versions and ciphers of TLS the load balancer speaks"
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"
}

variable "access_logs" {
  description = "Where the load balancers write its access logs; null: nowhere. The bucket's policy has to allow it"
  type        = object({ bucket = string, prefix = optional(string), enabled = optional(bool, true) })
  default     = null
}

variable "enable_deletion_protection" {
  description = "The load balancers cannot be deleted before this is false"
  type        = bool
  default     = true
}

variable "cloudwatch_log_group_retention_in_days" {
  description = "With the parameter LOGGING_PROFILE = awslogs, and no AWSLOGS_GROUP that exists: of the log group that is made"
  type        = number
  default     = 90
}

variable "cloudwatch_log_group_kms_key_id" {
  description = "Its key, which has to allow the service CloudWatch Logs; null: none of the customer's"
  type        = string
  default     = null
}

variable "ignore_desired_capacity_changes" {
  description = "Leave the desired capacity to scaling; the group begins with min_size"
  type        = bool
  default     = false
}

variable "mixed_instances_policy" {
  description = "Instance types and Spot for the nodes that serve; the one that polls by its role stays On-Demand. Names as in the API"
  type = object({
    instances_distribution = optional(object({
      on_demand_allocation_strategy            = optional(string)
      on_demand_base_capacity                  = optional(number)
      on_demand_percentage_above_base_capacity = optional(number)
      spot_allocation_strategy                 = optional(string, "price-capacity-optimized")
      spot_max_price                           = optional(string)
    }), {})
    override = optional(list(object({ instance_type = string, weighted_capacity = optional(string) })), [])
  })
  default = null
}

variable "warm_pool" {
  description = "Nodes that are ready to be started, beside those that serve; not with mixed_instances_policy"
  type = object({
    pool_state                  = optional(string, "Stopped")
    min_size                    = optional(number)
    max_group_prepared_capacity = optional(number)
    instance_reuse_policy       = optional(object({ reuse_on_scale_in = bool }))
  })
  default = null
}

variable "backup_arns" {
  description = "Objects of S3 that backups are written to and restored from, such as arn:aws:s3:::acme-backups/spinnaker/*; name the place in agent.yaml, too"
  type        = list(string)
  default     = []
}

variable "tags" {
  type    = map(string)
  default = {}
}
