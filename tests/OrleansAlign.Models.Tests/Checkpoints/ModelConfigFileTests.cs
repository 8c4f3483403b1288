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
    [InlineData("mistral", """ "sliding_window": 511 """, "sliding_window is 511")]
    [InlineData("qwen2", """ "use_sliding_window": true, "sliding_window": 64, "max_window_layers": 1 """, "sliding_window is 64")]
    [InlineData(
        "qwen3", """ "sliding_window": 64, "layer_types": ["full_attention", "sliding_attention", "full_attention"] """, "sliding_window is 64")]
    [InlineData("qwen3", """ "layer_types": ["linear_attention"] """, "layer_types is")]
    [InlineData("llama", """ "quantization_config": {"bits": 4} """, "quantization_config is {\"bits\": 4}")]
    [InlineData("llama", """ "partial_rotary_factor": 0.5 """, "partial_rotary_factor is 0.5")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "yarn", "factor": 4.0} """, "rope_scaling: rope_type is \"yarn\"")]
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
    public void A_window_that_never_bites_is_accepted(string type, string fields) => Assert.Equal(512, Read(type, fields).ContextLength);

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

    public static TheoryData<string> Written => ["llama", "llama-bias", "llama3", "linear", "mistral", "qwen2", "qwen3", "qwen3-bias"];

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
            "mistral" => basis with { Architecture = Architecture.Mistral, HeadSize = 6 },
            "qwen2" => basis with { Architecture = Architecture.Qwen2, QueryKeyValueBias = true, TiedEmbeddings = true },
            "qwen3" => basis with { Architecture = Architecture.Qwen3, QueryKeyNorm = true },
            "qwen3-bias" => basis with { Architecture = Architecture.Qwen3, QueryKeyNorm = true, QueryKeyValueBias = true, OutputBias = true },
            _ => basis,
        };
        ModelConfigFile.Write(config, ConfigPath);
        Assert.Equal(config, ModelConfigFile.Read(ConfigPath) with { EosTokenIds = config.EosTokenIds });
    }

    [Fact]
    public void What_the_files_of_a_family_cannot_say_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => ModelConfigFile.Write(CheckpointTests.Tiny with { QueryKeyValueBias = true }, ConfigPath));
        Assert.Throws<ArgumentException>(() => ModelConfigFile.Write(CheckpointTests.Tiny with { Architecture = Architecture.Qwen3 }, ConfigPath));
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
