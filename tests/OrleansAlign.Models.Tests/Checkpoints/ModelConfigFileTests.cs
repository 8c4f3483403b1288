using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Tests.Checkpoints;

public sealed class ModelConfigFileTests : IDisposable
{
    private const string Sizes = """
        "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
        "vocab_size": 300, "max_position_embeddings": 512, "rms_norm_eps": 1e-05, "hidden_act": "silu"
        """;

    private readonly string directory = Directory.CreateTempSubdirectory("align-config").FullName;

    private string ConfigPath => Path.Combine(directory, "config.json");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Llama_3_with_its_scaling_and_three_ends_is_read()
    {
        ModelConfig config = Read("llama", """
            "rope_theta": 500000.0, "eos_token_id": [100, 101, 102], "bos_token_id": 99, "attention_bias": false, "mlp_bias": false,
            "pretraining_tp": 1, "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 256, "rope_type": "llama3"}
            """);
        Assert.Equal(RopeScaling.Llama3, config.RopeScaling);
        Assert.Equal(
            (8.0, 1.0, 4.0, 256), (config.RopeFactor, config.RopeLowFrequencyFactor, config.RopeHighFrequencyFactor, config.RopeOriginalContext));
        Assert.Equal(500000, config.RopeTheta);
        Assert.Equal([100, 101, 102], config.EosTokenIds);
        Assert.Equal(99, config.BosTokenId);
        Assert.Equal((64, 96, 3, 4, 2, 16, 300, 512),
            (config.HiddenSize, config.IntermediateSize, config.Layers, config.Heads, config.KeyValueHeads, config.HeadSize,
            config.VocabularySize, config.ContextLength));
        Assert.Equal(1e-5, config.NormEpsilon);
        Assert.False(config.QueryKeyValueBias || config.OutputBias || config.QueryKeyNorm || config.TiedEmbeddings);
    }

    [Fact]
    public void The_newer_rope_parameters_are_read()
    {
        ModelConfig config = Read("llama", """
            "dtype": "bfloat16", "rope_parameters": {"rope_theta": 250000.0, "rope_type": "linear", "factor": 2.0}
            """);
        Assert.Equal((250000.0, RopeScaling.Linear, 2.0), (config.RopeTheta, config.RopeScaling, config.RopeFactor));
        Assert.Equal((30000.0, RopeScaling.None), Rope(Read("qwen3", """ "rope_parameters": {"rope_theta": 30000.0, "rope_type": "default"} """)));
        Assert.Equal((20000.0, RopeScaling.None), Rope(Read("qwen3", """ "rope_theta": 20000, "rope_parameters": {"rope_type": "default"} """)));
    }

    [Fact]
    public void The_older_key_of_the_scaling_kind_is_read()
    {
        ModelConfig config = Read("llama", """ "rope_scaling": {"type": "linear", "factor": 4.0} """);
        Assert.Equal((RopeScaling.Linear, 4.0, 10000.0), (config.RopeScaling, config.RopeFactor, config.RopeTheta));
    }

    [Fact]
    public void A_base_inside_of_the_scaling_object_is_used()
    {
        Assert.Equal((1e6, RopeScaling.None), Rope(Read("qwen2", """ "rope_scaling": {"rope_type": "default", "rope_theta": 1e6} """)));
        Assert.Equal((1e6, RopeScaling.None), Rope(Read("qwen2", """ "rope_scaling": {"rope_theta": 1e6} """)));
        Assert.Equal((2e6, RopeScaling.Linear), Rope(Read("llama", """
            "rope_theta": 5, "rope_scaling": {"type": "linear", "factor": 2, "rope_theta": 2e6, "other": null}
            """)));
        Assert.Equal((7.0, RopeScaling.None), Rope(Read("llama", """ "rope_scaling": {"rope_theta": 7}, "rope_parameters": {"rope_theta": 7} """)));
    }

    [Fact]
    public void Yarn_stretches_the_context_and_sharpens_attention()
    {
        ModelConfig config = Read("qwen2", """ "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 256} """);
        Assert.Equal((RopeScaling.Yarn, 4.0, 256, 1024), (config.RopeScaling, config.RopeFactor, config.RopeOriginalContext, config.ContextLength));
        Assert.Equal((32.0, 1.0, true), (config.RopeBetaFast, config.RopeBetaSlow, config.RopeTruncates));
        Assert.Equal((0.1 * Math.Log(4)) + 1, config.RopeAttentionFactor, 15);
        config = Read("llama", """
            "rope_scaling": {"rope_type": "yarn", "original_max_position_embeddings": 64, "mscale": 0.707, "mscale_all_dim": 1.0, "truncate": false}
            """);
        Assert.Equal((8.0, 512), (config.RopeFactor, config.ContextLength));
        Assert.Equal(((0.0707 * Math.Log(8)) + 1) / ((0.1 * Math.Log(8)) + 1), config.RopeAttentionFactor, 15);
        Assert.False(config.RopeTruncates);
        Assert.Equal(1.5, Read("llama", """ "rope_scaling": {"rope_type": "yarn", "factor": 4, "attention_factor": 1.5} """).RopeAttentionFactor);
    }

    [Fact]
    public void Longrope_has_a_factor_for_each_frequency()
    {
        const string Factors = """ "short_factor": [1, 1, 1, 1, 1, 1, 1, 2], "long_factor": [1, 2, 3, 4, 5, 6, 7, 8.5] """;
        ModelConfig config = Read("llama", $$""" "original_max_position_embeddings": 128, "rope_scaling": {"rope_type": "longrope", {{Factors}}} """);
        Assert.Equal((4.0, 128, 512), (config.RopeFactor, config.RopeOriginalContext, config.ContextLength));
        Assert.Equal(Math.Sqrt(1 + (Math.Log(4) / Math.Log(128))), config.RopeAttentionFactor, 15);
        Assert.Equal((2, 8.5), (config.RopeShortFactors[7], config.RopeLongFactors[7]));
    }

    [Fact]
    public void Null_means_the_default()
    {
        ModelConfig config = Read("llama", """
            "num_key_value_heads": null, "head_dim": null, "rope_scaling": null, "rope_parameters": null, "rope_theta": null, "rms_norm_eps": null,
            "tie_word_embeddings": null, "attention_bias": null, "hidden_act": null, "quantization_config": null, "max_position_embeddings": null
            """);
        Assert.Equal((4, 16, 10000.0, 1e-6, 2048), (config.KeyValueHeads, config.HeadSize, config.RopeTheta, config.NormEpsilon, config.ContextLength));
        Assert.Equal(4, Read("mistral", """ "num_key_value_heads": null """).KeyValueHeads);
        Assert.Equal(4, Read("qwen3", """ "num_key_value_heads": null """).KeyValueHeads);
    }

    [Fact]
    public void A_pointer_of_git_lfs_is_named_as_one()
    {
        File.WriteAllText(ConfigPath, "version https://git-lfs.github.com/spec/v1\noid sha256:4665\nsize 5\n");
        string message = Assert.Throws<InvalidDataException>(() => ModelConfigFile.Read(ConfigPath)).Message;
        Assert.Contains("it is a Git LFS pointer", message, StringComparison.Ordinal);
        Assert.StartsWith(ConfigPath, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Biases_and_norms_follow_the_architecture()
    {
        Assert.Equal((true, true, false), Parts(Read("llama", """ "attention_bias": true """)));
        Assert.Equal((false, false, false), Parts(Read("mistral", """ "sliding_window": null """)));
        Assert.Equal((true, false, false), Parts(Read("qwen2", """ "use_sliding_window": false, "sliding_window": 64, "max_window_layers": 1 """)));
        Assert.Equal((false, false, true), Parts(Read("qwen3", """ "attention_bias": false """)));
        Assert.Equal((true, true, true), Parts(Read("qwen3", """ "attention_bias": true """)));
    }

    [Fact]
    public void What_is_not_said_takes_the_family_s_default()
    {
        File.WriteAllText(ConfigPath, """
            {"model_type": "llama", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4, "vocab_size": 300}
            """);
        ModelConfig config = ModelConfigFile.Read(ConfigPath);
        Assert.Equal(
            (4, 16, 2048, 1e-6, 10000.0), (config.KeyValueHeads, config.HeadSize, config.ContextLength, config.NormEpsilon, config.RopeTheta));
        Assert.Null(config.BosTokenId);
        Assert.Empty(config.EosTokenIds);
        Assert.Equal(20, Read("qwen3", """ "head_dim": 20 """).HeadSize);
    }

    [Theory]
    [InlineData("""{"eos_token_id": 7}""", new[] { 7 })]
    [InlineData("""{"eos_token_id": [7, 8]}""", new[] { 7, 8 })]
    [InlineData("""{"eos_token_id": null, "temperature": 0.6}""", new[] { 2 })]
    public void The_generation_file_s_end_wins(string generation, int[] expected)
    {
        File.WriteAllText(Path.Combine(directory, "generation_config.json"), generation);
        Assert.Equal(expected, Read("llama", """ "eos_token_id": 2 """).EosTokenIds);
    }

    [Theory]
    [InlineData("gpt2", "", "model_type is \"gpt2\"")]
    [InlineData("llama", """ "hidden_act": "gelu" """, "hidden_act is \"gelu\"; only silu")]
    [InlineData("llama", """ "mlp_bias": true """, "mlp_bias is true")]
    [InlineData("mistral", """ "attention_bias": true """, "attention_bias is true")]
    [InlineData("qwen3", """ "layer_types": ["linear_attention"] """, "layer_types is")]
    [InlineData("qwen3", """ "layer_types": ["full_attention"] """, "it has 1 kinds, and num_hidden_layers is 3")]
    [InlineData("llama", """ "layer_types": ["full_attention", "sliding_attention", "full_attention"] """, "layer_types is")]
    [InlineData("mistral", """ "sliding_window": 0 """, "sliding_window is 0")]
    [InlineData("llama", """ "quantization_config": {"bits": 4} """, "quantization_config is {\"bits\": 4}")]
    [InlineData("llama", """ "partial_rotary_factor": 0.5 """, "partial_rotary_factor is 0.5")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "su", "factor": 4.0} """, "rope_scaling: rope_type is \"su\"")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "linear", "factor": 4.0, "fcator": 2} """, "rope_scaling: fcator is 2; the kind linear has no")]
    [InlineData("llama", """ "rope_parameters": {"rope_type": "default", "factor": 4.0} """, "rope_parameters: factor is 4.0; the kind default has no")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "attn_factor": 1} """, "rope_scaling: attn_factor is 1")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "beta_slow": 64} """, "rope_scaling: beta_slow is 64")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "yarn"} """, "rope_scaling: factor is absent")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "yarn", "factor": 1e9} """, "rope_scaling: factor is 1e9; it makes a context of")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "linear", "type": "dynamic", "factor": 4.0} """, "it contradicts rope_type, linear")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "longrope", "factor": 2, "short_factor": [1], "long_factor": [1]} """, "short_factor is [1]")]
    [InlineData(
        "llama", """ "rope_scaling": {"rope_type": "linear", "factor": 2}, "rope_parameters": {"rope_type": "default"} """, "it differs from rope_parameters")]
    [InlineData("llama", """ "rope_scaling": {"factor": 4.0} """, "rope_scaling: type is absent")]
    [InlineData("llama", """ "rope_scaling": {"type": "linear", "factor": 0} """, "rope_scaling: factor is 0")]
    [InlineData("llama", """ "rope_scaling": {"type": "llama3", "factor": 2, "low_freq_factor": 4, "high_freq_factor": 4} """, "low_freq_factor is")]
    [InlineData("llama", """ "rope_scaling": 3 """, "rope_scaling is 3; it must be an object")]
    [InlineData("llama", """ "rope_theta": -1 """, "rope_theta is -1")]
    [InlineData("llama", """ "rms_norm_eps": 0 """, "rms_norm_eps is 0")]
    [InlineData("llama", """ "rms_norm_eps": 1e999 """, "rms_norm_eps is 1e999")]
    [InlineData("llama", """ "head_dim": 3 """, "head_dim is 3")]
    [InlineData("llama", """ "num_attention_heads": 5 """, "num_attention_heads is 5")]
    [InlineData("llama", """ "num_key_value_heads": 3 """, "num_key_value_heads is 3")]
    [InlineData("llama", """ "num_key_value_heads": 8 """, "num_key_value_heads is 8")]
    [InlineData("llama", """ "hidden_size": 0 """, "hidden_size is 0")]
    [InlineData("llama", """ "hidden_size": 99999999999 """, "hidden_size is 99999999999")]
    [InlineData("llama", """ "hidden_size": "64" """, "hidden_size is \"64\"")]
    [InlineData("llama", """ "hidden_size": null """, "hidden_size is null")]
    [InlineData("llama", """ "num_hidden_layers": 2000000000 """, "num_hidden_layers is 2000000000")]
    [InlineData("llama", """ "hidden_size": 1048576, "vocab_size": 16777216 """, "model.embed_tokens.weight [16777216, 1048576]")]
    [InlineData("llama", """ "eos_token_id": 300 """, "eos_token_id is 300")]
    [InlineData("llama", """ "eos_token_id": [1, -1] """, "eos_token_id is [1, -1]")]
    [InlineData("llama", """ "bos_token_id": [1, 2] """, "bos_token_id is [1, 2]")]
    [InlineData("llama", """ "tie_word_embeddings": 1 """, "tie_word_embeddings is 1")]
    [InlineData("\\ud800", "", "model_type is")]
    public void What_is_not_implemented_or_impossible_is_refused_in_one_line(string type, string fields, string what)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(type, fields));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(ConfigPath, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("mistral", """ "sliding_window": 512 """)]
    [InlineData("qwen2", """ "use_sliding_window": true, "sliding_window": 64, "max_window_layers": 3 """)]
    [InlineData(
        "qwen3", """ "use_sliding_window": true, "sliding_window": 64, "layer_types": ["full_attention", "full_attention", "full_attention"] """)]
    [InlineData("mistral", """ "sliding_window": null """)]
    [InlineData("llama", """ "sliding_window": 64 """)]
    public void A_window_that_never_bites_counts_as_none(string type, string fields) => Assert.Null(Read(type, fields).SlidingWindow);

    [Theory]
    [InlineData("mistral", """ "sliding_window": 511 """, 511, "www")]
    [InlineData("mistral", """ "max_position_embeddings": 4097 """, 4096, "www")]
    [InlineData("qwen2", """ "use_sliding_window": true, "sliding_window": 64, "max_window_layers": 1 """, 64, "fww")]
    [InlineData("qwen2", """ "use_sliding_window": true, "sliding_window": 64, "max_window_layers": 0 """, 64, "www")]
    [InlineData("qwen3", """ "sliding_window": 64, "layer_types": ["full_attention", "sliding_attention", "full_attention"] """, 64, "fwf")]
    public void A_window_is_read_with_its_layers(string type, string fields, int window, string layers)
    {
        ModelConfig config = Read(type, fields);
        Assert.Equal(layers, string.Concat(Enumerable.Range(0, 3).Select(layer => config.Window(layer) == window ? 'w' : 'f')));
        ModelConfigFile.Write(config, ConfigPath);
        ModelConfig again = ModelConfigFile.Read(ConfigPath);
        Assert.Equal(config.SlidingWindow, again.SlidingWindow);
        Assert.Equal(config.WindowedLayers, again.WindowedLayers);
    }

    [Theory]
    [InlineData("{\"a\": 1, \"a\": 2}", "'a'")]
    [InlineData("{\"a\": 1,}", "not JSON at line 1")]
    [InlineData("[1]", "the root is Array")]
    [InlineData("", "not JSON")]
    public void Text_that_is_no_configuration_is_refused(string text, string what)
    {
        File.WriteAllText(ConfigPath, text);
        Assert.Contains(what, Assert.Throws<InvalidDataException>(() => ModelConfigFile.Read(ConfigPath)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Written =>
        ["llama", "llama-bias", "llama3", "linear", "yarn", "dynamic", "longrope", "mistral", "qwen2", "qwen3", "qwen3-bias"];

    [Theory]
    [MemberData(nameof(Written))]
    public void What_is_written_reads_the_same(string name)
    {
        ModelConfig basis = CheckpointTests.Tiny with { NormEpsilon = 3e-6, RopeTheta = 12345.678, EosTokenIds = [] };
        ModelConfig config = name switch
        {
            "llama-bias" => basis with { QueryKeyValueBias = true, OutputBias = true, BosTokenId = null },
            "llama3" => basis with
            {
                RopeScaling = RopeScaling.Llama3, RopeFactor = 8, RopeLowFrequencyFactor = 0.5, RopeHighFrequencyFactor = 3, RopeOriginalContext = 77,
            },
            "linear" => basis with { RopeScaling = RopeScaling.Linear, RopeFactor = 2.5 },
            "yarn" => basis with
            {
                RopeScaling = RopeScaling.Yarn, RopeFactor = 2.5, RopeOriginalContext = 3, RopeBetaFast = 16, RopeBetaSlow = 2, RopeTruncates = false,
                RopeAttentionFactor = 1.25,
            },
            "dynamic" => basis with { RopeScaling = RopeScaling.Dynamic, RopeFactor = 2.5, RopeOriginalContext = 3 },
            "longrope" => basis with
            {
                RopeScaling = RopeScaling.LongRope, RopeFactor = 2.5, RopeOriginalContext = 3, RopeAttentionFactor = 1.25,
                RopeShortFactors = [1.5], RopeLongFactors = [2.5],
            },
            "mistral" => basis with { Architecture = Architecture.Mistral, HeadSize = 6 },
            "qwen2" => basis with { Architecture = Architecture.Qwen2, QueryKeyValueBias = true, TiedEmbeddings = true },
            "qwen3" => basis with { Architecture = Architecture.Qwen3, QueryKeyNorm = true },
            "qwen3-bias" => basis with { Architecture = Architecture.Qwen3, QueryKeyNorm = true, QueryKeyValueBias = true, OutputBias = true },
            _ => basis,
        };
        ModelConfigFile.Write(config, ConfigPath);
        ModelConfig read = ModelConfigFile.Read(ConfigPath);
        Assert.Equal(config.RopeShortFactors, read.RopeShortFactors);
        Assert.Equal(config.RopeLongFactors, read.RopeLongFactors);
        Assert.Equal(config, read with
        {
            EosTokenIds = config.EosTokenIds, RopeShortFactors = config.RopeShortFactors, RopeLongFactors = config.RopeLongFactors,
        });
    }

    [Fact]
    public void What_the_files_of_a_family_cannot_say_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => ModelConfigFile.Write(CheckpointTests.Tiny with { QueryKeyValueBias = true }, ConfigPath));
        Assert.Throws<ArgumentException>(() => ModelConfigFile.Write(CheckpointTests.Tiny with { Architecture = Architecture.Qwen3 }, ConfigPath));
        Assert.Throws<ArgumentException>(() => ModelConfigFile.Write(CheckpointTests.Tiny with { SlidingWindow = 3 }, ConfigPath));
        Assert.False(File.Exists(ConfigPath));
    }

    private static (double Theta, RopeScaling Scaling) Rope(ModelConfig config) => (config.RopeTheta, config.RopeScaling);

    private static (bool QueryKeyValue, bool Output, bool Norm) Parts(ModelConfig config) =>
        (config.QueryKeyValueBias, config.OutputBias, config.QueryKeyNorm);

    /// <summary>Reads a file of the usual sizes and the given fields, which replace usual ones of the same name.</summary>
    private ModelConfig Read(string type, string fields)
    {
        string usual = string.Join(", ", Sizes.Split(',').Where(field => !fields.Contains(field.Split(':')[0].Trim(), StringComparison.Ordinal)));
        File.WriteAllText(ConfigPath, $$"""{"model_type": "{{type}}", {{usual}}{{(fields.Length > 0 ? ", " : "")}}{{fields}}}""");
        return ModelConfigFile.Read(ConfigPath);
    }
}
